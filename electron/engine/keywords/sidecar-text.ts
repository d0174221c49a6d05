/** @file A sidecar that holds keywords and nothing else. */
import { xmlText } from '../export/xml-text.ts';
import { fieldFacts, fieldNames, type Fields } from './words.ts';

/** Namespaces as in Adobe's XMP specification part 2, Lightroom, digiKam and Windows. */
const namespaces = {
  dc: 'http://purl.org/dc/elements/1.1/',
  lr: 'http://ns.adobe.com/lightroom/1.0/',
  digiKam: 'http://www.digikam.org/ns/1.0/',
  MicrosoftPhoto: 'http://ns.microsoft.com/photo/1.0/',
};

export function sidecarText(fields: Fields): string {
  const known = Object.entries(namespaces).map(([prefix, address]) => `\n    xmlns:${prefix}="${address}"`);
  const elements = fieldNames
    .filter((name) => fields[name].length > 0)
    .map((name) => {
      const { element, list } = fieldFacts[name];
      const items = fields[name].map((word) => `     <rdf:li>${xmlText(word)}</rdf:li>\n`).join('');
      return `   <${element}>\n    <${list}>\n${items}    </${list}>\n   </${element}>\n`;
    });
  return (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' +
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n' +
    `  <rdf:Description rdf:about=""${known.join('')}>\n${elements.join('')}  </rdf:Description>\n` +
    ' </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>\n'
  );
}
