/** @file XML read in pieces, with everything refused that makes a small file large or reaches outside of it. */
import sax from 'sax';
import { invalid, textPieces } from './folder-text.ts';

export interface XmlHandler {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  text(text: string): void;
  close(name: string): void;
}

/** Without `strictEntities`, which sax' types lack, the entities of HTML are known as well. */
const options: sax.SAXOptions & { strictEntities: true } = { position: true, strictEntities: true };
/** No file of labels nests deeper. */
const depthLimit = 64;

/**
 * Yields after each piece of the file, so that whoever handles the elements can pass on what was found.
 *
 * A document type is refused, for only it can declare entities (expanding ones, external ones); sax itself knows the
 * five of XML and character references. It gives up where one name or value is longer than 64 KiB.
 *
 * @throws {AppError} 'input.invalid' for what is no complete XML in UTF-8 or UTF-16
 */
export async function* xmlElements(
  path: string,
  handler: XmlHandler,
  onBytes: (bytesRead: number) => void,
): AsyncGenerator<void> {
  const parser = sax.parser(true, options);
  let depth = 0;
  let isEmpty = true;
  parser.ondoctype = () => {
    throw invalid(path, 'it declares a document type, and such files are not read');
  };
  parser.onprocessinginstruction = ({ name, body }) => {
    const encoding = name === 'xml' ? /encoding\s*=\s*["']([^"']*)["']/.exec(body)?.[1] : undefined;
    if (encoding && !/^(?:utf-?8|utf-?16(?:le|be)?|us-ascii|ascii)$/i.test(encoding)) {
      throw invalid(path, `it is in ${encoding}; save it as UTF-8 first`);
    }
  };
  parser.onerror = (error) => {
    throw invalid(path, `line ${parser.line + 1} is no XML (${error.message.split('\n')[0]})`, error);
  };
  parser.onopentag = ({ name, attributes }) => {
    if (++depth > depthLimit) throw invalid(path, `its elements are more than ${depthLimit} deep`);
    isEmpty = false;
    handler.open(name, attributes as Record<string, string>);
  };
  parser.ontext = (text) => handler.text(text);
  parser.oncdata = (text) => handler.text(text);
  parser.onclosetag = (name) => {
    depth--;
    handler.close(name);
  };
  for await (const piece of textPieces(path, onBytes)) {
    parser.write(piece);
    yield;
  }
  parser.close();
  if (isEmpty) throw invalid(path, 'it is no XML');
  yield;
}
