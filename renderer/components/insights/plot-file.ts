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

/**
 * Drawn mark by mark: the page loads no pictures but its own, so that an SVG cannot become one first.
 *
 * @returns a PNG in base64
 */
export function pngBase64(plot: SVGSVGElement): string {
  const { width, height } = plot.viewBox.baseVal;
  const canvas = document.createElement('canvas');
  canvas.width = width * pngScale;
  canvas.height = height * pngScale;
  const context = canvas.getContext('2d')!;
  context.scale(pngScale, pngScale);
  context.fillStyle = getComputedStyle(plot.closest('figure') ?? document.body).backgroundColor;
  context.fillRect(0, 0, width, height);
  for (const mark of plot.querySelectorAll<SVGGraphicsElement>('rect, line, circle, polyline, path, text')) {
    context.save();
    for (const { matrix } of mark.transform.baseVal) {
      context.transform(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f);
    }
    if (mark instanceof SVGTextElement) write(context, mark);
    else draw(context, mark);
    context.restore();
  }
  return canvas.toDataURL('image/png').replace(/^data:image\/png;base64,/, '');
}

function draw(context: CanvasRenderingContext2D, mark: SVGGraphicsElement): void {
  const style = getComputedStyle(mark);
  const outline = outlineOf(mark);
  if (style.fill !== 'none') {
    context.globalAlpha = Number(style.opacity) * Number(style.fillOpacity);
    context.fillStyle = style.fill;
    context.fill(outline);
  }
  if (style.stroke !== 'none') {
    context.globalAlpha = Number(style.opacity) * Number(style.strokeOpacity);
    context.strokeStyle = style.stroke;
    context.lineWidth = Number.parseFloat(style.strokeWidth);
    context.setLineDash(
      style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(',').map(Number.parseFloat),
    );
    context.stroke(outline);
  }
}

function outlineOf(mark: SVGGraphicsElement): Path2D {
  const outline = new Path2D();
  if (mark instanceof SVGRectElement) {
    const [x, y, width, height] = [mark.x, mark.y, mark.width, mark.height].map(({ baseVal }) => baseVal.value);
    outline.roundRect(x!, y!, width!, height!, mark.rx.baseVal.value);
  } else if (mark instanceof SVGLineElement) {
    outline.moveTo(mark.x1.baseVal.value, mark.y1.baseVal.value);
    outline.lineTo(mark.x2.baseVal.value, mark.y2.baseVal.value);
  } else if (mark instanceof SVGCircleElement) {
    outline.arc(mark.cx.baseVal.value, mark.cy.baseVal.value, mark.r.baseVal.value, 0, 2 * Math.PI);
  } else if (mark instanceof SVGPolylineElement) {
    for (const { x, y } of mark.points) outline.lineTo(x, y);
  } else {
    outline.addPath(new Path2D(mark.getAttribute('d') ?? ''));
  }
  return outline;
}

const textAligns: Record<string, CanvasTextAlign> = { start: 'start', middle: 'center', end: 'end' };

function write(context: CanvasRenderingContext2D, text: SVGTextElement): void {
  const style = getComputedStyle(text);
  const at = ({ baseVal }: SVGAnimatedLengthList) => (baseVal.numberOfItems > 0 ? baseVal.getItem(0).value : 0);
  context.font = `${style.fontWeight} ${style.fontSize} system-ui, sans-serif`;
  context.textAlign = textAligns[style.textAnchor] ?? 'start';
  context.textBaseline = style.dominantBaseline === 'middle' ? 'middle' : 'alphabetic';
  context.globalAlpha = Number(style.opacity);
  context.fillStyle = style.fill;
  context.fillText(text.textContent.trim(), at(text.x), at(text.y));
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
