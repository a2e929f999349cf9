import { escapeHtml } from '../../report/html/html.js';
import type { Chart, ChartSeries, PlacedChart } from './workbook.js';
import { declaration, namespaces } from './xml.js';

/** Width of lines in English Metric Units, 12,700 a point. */
const lineWidth = 19_050;

/** Writes a chart (ECMA-376, part 1, section 21.2). Its values are those of the cells, read when it is drawn. */
export function chartXml(chart: Chart): string {
  return [
    `${declaration}<c:chartSpace xmlns:c="${namespaces.chart}" xmlns:a="${namespaces.drawing}" xmlns:r="${namespaces.relations}">`,
    '<c:roundedCorners val="0"/>',
    `<c:chart>${titleXml(chart.title, 1400)}<c:autoTitleDeleted val="0"/>`,
    `<c:plotArea><c:layout/>${chart.kind === 'columns' ? columnsXml(chart) : scatterXml(chart)}</c:plotArea>`,
    '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>',
    '<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart></c:chartSpace>',
  ].join('');
}

/** Writes where the charts of a sheet lie. The n-th refers to the relation `rId<n>` of this part. */
export function drawingXml(charts: readonly PlacedChart[]): string {
  const frames = charts.map(({ title, place }, index) => {
    const name = escapeHtml(title);
    return [
      `<xdr:twoCellAnchor>${cornerXml('from', 0, place.row)}${cornerXml('to', place.columns, place.row + place.rows)}`,
      `<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="${index + 2}" name="${name}" descr="${name}"/><xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr>`,
      '<xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>',
      `<a:graphic><a:graphicData uri="${namespaces.chart}"><c:chart xmlns:c="${namespaces.chart}" r:id="rId${index + 1}"/></a:graphicData></a:graphic>`,
      '</xdr:graphicFrame><xdr:clientData/></xdr:twoCellAnchor>',
    ].join('');
  });
  return `${declaration}<xdr:wsDr xmlns:xdr="${namespaces.sheetDrawing}" xmlns:a="${namespaces.drawing}" xmlns:r="${namespaces.relations}">${frames.join('')}</xdr:wsDr>`;
}

function cornerXml(name: 'from' | 'to', column: number, row: number): string {
  return `<xdr:${name}><xdr:col>${column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>${row}</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:${name}>`;
}

/** Without `smooth` Calc 7.4 draws curves, which show values that nobody has measured. */
function scatterXml(chart: Chart): string {
  const series = chart.series.map((each, index) => {
    const colour = fillXml(each.colour);
    const look =
      chart.kind === 'lines'
        ? `<c:spPr><a:ln w="${lineWidth}">${colour}</a:ln></c:spPr><c:marker><c:symbol val="none"/></c:marker>`
        : `<c:spPr><a:ln><a:noFill/></a:ln></c:spPr><c:marker><c:symbol val="circle"/><c:size val="5"/><c:spPr>${colour}<a:ln><a:noFill/></a:ln></c:spPr></c:marker>`;
    return `${seriesHeadXml(each, index)}${look}<c:xVal>${numbersXml(each.x)}</c:xVal><c:yVal>${numbersXml(each.y)}</c:yVal><c:smooth val="0"/></c:ser>`;
  });
  return [
    `<c:scatterChart><c:scatterStyle val="lineMarker"/><c:varyColors val="0"/>${series.join('')}<c:axId val="1"/><c:axId val="2"/></c:scatterChart>`,
    `<c:valAx>${axisHeadXml(1, 'b')}${titleXml(chart.xTitle, 1000)}<c:numFmt formatCode="General" sourceLinked="0"/>${axisEndXml(2)}<c:crossBetween val="midCat"/></c:valAx>`,
    yAxisXml(chart, 'midCat'),
  ].join('');
}

function columnsXml(chart: Chart): string {
  const series = chart.series.map(
    (each, index) =>
      `${seriesHeadXml(each, index)}<c:spPr>${fillXml(each.colour)}</c:spPr><c:invertIfNegative val="0"/><c:cat>${numbersXml(each.x)}</c:cat><c:val>${numbersXml(each.y)}</c:val></c:ser>`,
  );
  return [
    `<c:barChart><c:barDir val="col"/><c:grouping val="stacked"/><c:varyColors val="0"/>${series.join('')}<c:gapWidth val="60"/><c:overlap val="100"/><c:axId val="1"/><c:axId val="2"/></c:barChart>`,
    `<c:catAx>${axisHeadXml(1, 'b')}${titleXml(chart.xTitle, 1000)}<c:numFmt formatCode="General" sourceLinked="0"/>${axisEndXml(2)}</c:catAx>`,
    yAxisXml(chart, 'between'),
  ].join('');
}

function yAxisXml({ yTitle, yFormat }: Chart, crossBetween: string): string {
  return `<c:valAx>${axisHeadXml(2, 'l')}<c:majorGridlines><c:spPr><a:ln w="6350">${fillXml('#d9d9d9')}</a:ln></c:spPr></c:majorGridlines>${titleXml(yTitle, 1000, -5_400_000)}<c:numFmt formatCode="${escapeHtml(yFormat)}" sourceLinked="0"/>${axisEndXml(1)}<c:crossBetween val="${crossBetween}"/></c:valAx>`;
}

function axisHeadXml(id: number, side: 'b' | 'l'): string {
  return `<c:axId val="${id}"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="${side}"/>`;
}

/** Labels stay at the edge where values fall below 0. */
function axisEndXml(crossed: number): string {
  return `<c:majorTickMark val="out"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/><c:crossAx val="${crossed}"/><c:crosses val="autoZero"/>`;
}

function seriesHeadXml({ label }: ChartSeries, index: number): string {
  return `<c:ser><c:idx val="${index}"/><c:order val="${index}"/><c:tx><c:v>${escapeHtml(label)}</c:v></c:tx>`;
}

function numbersXml(range: string): string {
  return `<c:numRef><c:f>${escapeHtml(range)}</c:f></c:numRef>`;
}

function fillXml(colour: string): string {
  return `<a:solidFill><a:srgbClr val="${colour.slice(1)}"/></a:solidFill>`;
}

/** `size` in hundredths of a point, `turn` in 60,000ths of a degree. */
function titleXml(text: string, size: number, turn = 0): string {
  return `<c:title><c:tx><c:rich><a:bodyPr rot="${turn}" vert="horz"/><a:p><a:pPr><a:defRPr sz="${size}" b="0"/></a:pPr><a:r><a:rPr lang="en-US" sz="${size}" b="0"/><a:t>${escapeHtml(text)}</a:t></a:r></a:p></c:rich></c:tx><c:overlay val="0"/></c:title>`;
}
