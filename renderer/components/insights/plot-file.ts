/** @file A plot on the screen as a file of its own: with its colours, without the page around it. */

/** What a mark needs to look the same elsewhere. */
const properties = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-size',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
] as const;

/** PNGs are drawn larger than on the screen, for print. */
const pngScale = 2;

/** @returns SVG text that stands alone */
export function svgText(plot: SVGSVGElement): string {
  const copy = plot.cloneNode(true) as SVGSVGElement;
  const from = plot.querySelectorAll('*');
  copy.querySelectorAll('*').forEach((element, index) => {
    const style = getComputedStyle(from[index]!);
    for (const property of properties) element.setAttribute(property, rgb(style.getPropertyValue(property)));
    for (const name of ['class', 'style', 'tabindex', 'role', 'aria-label']) element.removeAttribute(name);
  });
  const { width, height } = plot.viewBox.baseVal;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('font-family', 'system-ui, sans-serif');
  for (const name of ['class', 'style']) copy.removeAttribute(name);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', rgb(getComputedStyle(plot.closest('figure') ?? document.body).backgroundColor));
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

/** @returns a PNG in base64 */
export async function pngBase64(plot: SVGSVGElement): Promise<string> {
  const { width, height } = plot.viewBox.baseVal;
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(plot))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * pngScale;
  canvas.height = height * pngScale;
  const context = canvas.getContext('2d')!;
  context.scale(pngScale, pngScale);
  context.drawImage(image, 0, 0, width, height);
  return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
}

let probe: CanvasRenderingContext2D | undefined;

/** Colours as every program reads them: few know oklch. Other values stay as they are. */
function rgb(value: string): string {
  if (!/^(?:oklch|color|lab|lch|oklab)\(/.test(value)) return value;
  probe ??= new OffscreenCanvas(1, 1).getContext('2d', {
    willReadFrequently: true,
  }) as unknown as CanvasRenderingContext2D;
  probe.clearRect(0, 0, 1, 1);
  probe.fillStyle = value;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = probe.getImageData(0, 0, 1, 1).data;
  return `rgba(${red}, ${green}, ${blue}, ${(alpha! / 255).toFixed(3)})`;
}
