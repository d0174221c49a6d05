/** @file Which proxy requests go through: the person's own, or that of the environment. */
import { AppError } from '#core/errors.ts';

/** As `proxyEnv` of Node's agents takes it. */
export type ProxyVariables = Record<'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY', string>;

/**
 * @param setting      address; empty: what `environment` says
 * @throws {AppError} 'input.invalid': Node would silently go without a proxy it does not understand
 */
export function proxyVariables(setting: string, environment: NodeJS.ProcessEnv): ProxyVariables {
  if (setting !== '') {
    const proxy = proxyAddress(setting, 'in the settings');
    return { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: '' };
  }
  const read = (name: 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY') =>
    environment[name.toLowerCase()] || environment[name] || '';
  return {
    HTTP_PROXY: proxyAddress(read('HTTP_PROXY'), 'in the environment (HTTP_PROXY)'),
    HTTPS_PROXY: proxyAddress(read('HTTPS_PROXY'), 'in the environment (HTTPS_PROXY)'),
    NO_PROXY: read('NO_PROXY'),
  };
}

/** 'proxy.office:8080' is what many write. */
function proxyAddress(text: string, where: string): string {
  if (text === '') return '';
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if ((url?.protocol === 'http:' || url?.protocol === 'https:') && url.hostname !== '') return url.href;
  // Not the text itself: it may hold a password.
  throw new AppError('input.invalid', `The proxy ${where} must be an address like http://proxy.example:8080`);
}
