import { PDFBool, PDFDict, PDFHexString, PDFName, PDFNumber, type PDFObject, PDFRawStream, PDFString } from '@cantoo/pdf-lib'
import { contentsOf, named, openPdf, type PdfFile, unpack } from './pdf-objects.ts'

/**
 * What an archive would object to in a PDF/A-2b (ISO 19005-2, by its clauses) that is tagged (ISO 32000-1 14.8); [] for nothing. It knows
 * what documents of a hub can have, and is no judge of any PDF: colours are RGB and grey, fonts composite.
 */
export async function objectionsToPdfA(pdf: Buffer): Promise<string[]> {
  const file = await openPdf(pdf)
  return [fileStructure, metadata, colours, fonts, graphics, annotations, actions, tags].flatMap((look) => look(file))
}

const unless = (isSo: unknown, objection: string) => (isSo ? [] : [objection])

/** 6.1: header, trailer, no encryption, streams whole and in the file, sizes of values. */
function fileStructure({ pdf, text, objects, streams, catalog, dicts }: PdfFile): string[] {
  const trailer = /trailer\s*<<([\s\S]*?)>>\s*startxref\s+\d+\s+%%EOF\s*$/.exec(text)?.[1] ?? ''
  const [, second = ''] = text.split('\n', 2)
  return [
    ...unless(/^%PDF-1\.[0-7][\r\n]/.test(text) && /^%[\x80-\xff]{4}/.test(second), '6.1.2 header'),
    ...unless(/\/ID\s*\[\s*<[\da-fA-F]+>\s*<[\da-fA-F]+>\s*\]/.test(trailer), '6.1.3 no ID in the trailer'),
    ...unless(!/\/Encrypt\b/.test(trailer), '6.1.3 encrypted'),
    ...unless(/%%EOF(\r\n|\r|\n)?$/.test(text), '6.1.3 something after the end'),
    ...unless(!text.includes('/Linearized') && text.match(/%%EOF/g)?.length === 1, '6.1.4 in several parts'),
    ...[...text.matchAll(/\/Length (\d+)\b(?! \d+ R)[^\0]{0,400}?>>\s*stream(\r?\n)/g)].flatMap(({ 0: head, 1: length, index }) =>
      unless(
        /^\r?\n?endstream/.test(text.slice(index + head.length + Number(length)).slice(0, 20)),
        `6.1.7 a Length that is wrong at ${index}`,
      ),
    ),
    ...streams.flatMap(({ dict }) => [
      ...unless(!['F', 'FFilter', 'FDecodeParms'].some((name) => named(dict, name)), '6.1.7 a stream outside the file'),
      ...unless(!/LZWDecode|Crypt/.test(String(dict.get(PDFName.of('Filter')))), '6.1.7.2 a filter that is not allowed'),
    ]),
    ...unless(!named(catalog, 'Requirements') && !named(catalog, 'AF'), '6.1.12, 6.8 requirements or files'),
    ...unless(!dicts.some((dict) => named(dict, 'EmbeddedFiles') || named(dict, 'EF')), '6.8 a file inside'),
    ...objects.flatMap((object) => [
      ...unless(
        !(object instanceof PDFString || object instanceof PDFHexString) || isContents(dicts, object) || object.asBytes().length <= 32_767,
        '6.1.13 a long string',
      ),
      ...unless(!(object instanceof PDFName) || object.asBytes().length <= 127, '6.1.13 a long name'),
    ]),
    ...unless(pdf.length < 10 ** 10, '6.1.13 size'),
  ]
}

/** The octets of a signature are no text (ISO 32000-1 12.8.1). */
function isContents(dicts: readonly PDFDict[], text: PDFObject): boolean {
  return dicts.some((dict) => named(dict, 'ByteRange') && dict.get(PDFName.of('Contents')) === text)
}

const XMP: Readonly<Record<string, RegExp>> = {
  Title: /<dc:title>\s*<rdf:Alt>\s*<rdf:li xml:lang="x-default">([^<]*)<\/rdf:li>/,
  Author: /<dc:creator>\s*<rdf:Seq>\s*<rdf:li>([^<]*)<\/rdf:li>\s*<\/rdf:Seq>/,
  Subject: /<dc:description>\s*<rdf:Alt>\s*<rdf:li xml:lang="x-default">([^<]*)<\/rdf:li>/,
  Keywords: /<pdf:Keywords>([^<]*)</,
  Creator: /<xmp:CreatorTool>([^<]*)</,
  Producer: /<pdf:Producer>([^<]*)</,
}
const XMP_DATES: Readonly<Record<string, RegExp>> = { CreationDate: /<xmp:CreateDate>([^<]*)</, ModDate: /<xmp:ModifyDate>([^<]*)</ }

/** 6.6: XMP says what the file is, and the same of it as the information dictionary does. */
function metadata({ catalog, info, follow }: PdfFile): string[] {
  const stream = follow(catalog.get(PDFName.of('Metadata')))
  if (!(stream instanceof PDFRawStream)) return ['6.6.2 no metadata']
  const xmp = Buffer.from(unpack(stream)).toString()
  const textOf = (name: string) => {
    const value = follow(info?.get(PDFName.of(name)))
    return value instanceof PDFString || value instanceof PDFHexString ? value.decodeText() : undefined
  }
  const said = (pattern: RegExp | undefined) =>
    pattern?.exec(xmp)?.[1]?.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  const dateOf = (name: string) => {
    const value = follow(info?.get(PDFName.of(name)))
    return value instanceof PDFString ? value.decodeDate().getTime() : undefined
  }
  const dateIn = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
  return [
    ...unless(stream.dict.get(PDFName.of('Subtype')) === PDFName.of('XML'), '6.6.2 metadata that is no XML'),
    ...unless(
      /^<\?xpacket begin=/.test(xmp) && /<\?xpacket end=.[wr].\?>\s*$/.test(xmp) && !/<\?xpacket[^>]*(bytes|encoding)=/.test(xmp),
      '6.6.2.1 no packet',
    ),
    ...unless(/<pdfaid:part>2<\/pdfaid:part>/.test(xmp) && /<pdfaid:conformance>B<\/pdfaid:conformance>/.test(xmp), '6.6.4 no PDF/A-2b'),
    ...unless(/xmlns:pdfaid="http:\/\/www\.aiim\.org\/pdfa\/ns\/id\/"/.test(xmp), '6.6.4 another namespace'),
    ...unless(!/&(?!(amp|lt|gt|quot|apos|#\d+);)/.test(xmp) && xmp.split('<').length === xmp.split('>').length, '6.6.2.1 no XML'),
    ...Object.entries(XMP).flatMap(([name, pattern]) =>
      unless(textOf(name) === said(pattern), `6.6.3 ${name}: ${textOf(name)} is ${said(pattern)} in the metadata`),
    ),
    ...Object.entries(XMP_DATES).flatMap(([name, pattern]) =>
      unless(dateOf(name) === dateIn(said(pattern)), `6.6.3 ${name}: another time in the metadata`),
    ),
  ]
}

/** 6.2.3, 6.2.4: one intent with its profile, and no colour of a device that it is not for. */
function colours({ catalog, streams, list, follow, word }: PdfFile): string[] {
  const intents = list(catalog, 'OutputIntents')
    .map(follow)
    .filter((each) => each instanceof PDFDict)
  const [intent] = intents
  if (!intent || intents.length !== 1) return ['6.2.3 no output intent, or several']
  const profile = follow(intent.get(PDFName.of('DestOutputProfile')))
  if (!(profile instanceof PDFRawStream)) return ['6.2.3 no profile']
  const icc = Buffer.from(unpack(profile))
  const count = profile.dict.get(PDFName.of('N'))
  return [
    ...unless(word(intent, 'S') === 'GTS_PDFA1', '6.2.3 not for PDF/A'),
    ...unless(
      icc.toString('latin1', 36, 40) === 'acsp' && icc.readUInt32BE(0) === icc.length && (icc[8] ?? 9) <= 4,
      '6.2.3 no ICC profile',
    ),
    ...unless(['prtr', 'mntr', 'spac'].includes(icc.toString('latin1', 12, 16)), '6.2.3 a profile for something else'),
    ...unless(
      icc.toString('latin1', 16, 20) === 'RGB ' && count instanceof PDFNumber && count.asNumber() === 3,
      '6.2.4.3 the profile is not of RGB',
    ),
    ...streams.flatMap((stream) =>
      unless(
        !/CMYK|Separation|DeviceN|Lab/.test(String(stream.dict.get(PDFName.of('ColorSpace')))),
        '6.2.4 a colour space that it is not for',
      ),
    ),
    ...contentsOf({ streams, word }).flatMap((content) =>
      unless(!/(^|\s)[\d.]+\s+[\d.]+\s+[\d.]+\s+[\d.]+\s+[kK](\s|$)/.test(content), '6.2.4.3 CMYK without a profile'),
    ),
  ]
}

/** 6.2.11: all fonts in the file, and every character's text known. */
function fonts({ dicts, word, dict, list, follow }: PdfFile): string[] {
  const all = dicts.filter((each) => word(each, 'Type') === 'Font')
  const descendants = all.flatMap((font) => list(font, 'DescendantFonts').map(follow)).filter((each) => each instanceof PDFDict)
  return [
    ...unless(all.length > 0, 'no font'),
    ...all.flatMap((font) => {
      const kind = word(font, 'Subtype')
      if (kind === 'CIDFontType0' || kind === 'CIDFontType2') return []
      if (kind !== 'Type0') return [`6.2.11 a font of another kind: ${kind}`]
      return [
        ...unless(word(font, 'Encoding') === 'Identity-H', '6.2.11.3 another encoding'),
        ...unless(named(font, 'ToUnicode'), '6.2.11.7 no text'),
      ]
    }),
    ...descendants.flatMap((font) => {
      const descriptor = dict(font, 'FontDescriptor')
      const system = dict(font, 'CIDSystemInfo')
      return [
        ...unless(
          ['FontFile2', 'FontFile3'].some((name) => dict(descriptor, name)),
          `6.2.11.4 not embedded: ${word(font, 'BaseFont')}`,
        ),
        ...unless(word(font, 'Subtype') !== 'CIDFontType2' || named(font, 'CIDToGIDMap'), '6.2.11.3.2 no CIDToGIDMap'),
        ...unless(
          system && named(system, 'Registry') && named(system, 'Ordering') && named(system, 'Supplement'),
          '6.2.11.3.1 no CIDSystemInfo',
        ),
        ...unless(word(font, 'BaseFont') === (descriptor && word(descriptor, 'FontName')), '6.2.11.2 another name'),
      ]
    }),
  ]
}

/** 6.2.5 to 6.2.10: what may not be drawn, and how what shines through is blended. */
function graphics({ dicts, streams, word, list, follow }: PdfFile): string[] {
  const modes =
    /^(Normal|Compatible|Multiply|Screen|Overlay|Darken|Lighten|ColorDodge|ColorBurn|HardLight|SoftLight|Difference|Exclusion|Hue|Saturation|Color|Luminosity)$/
  return [
    ...streams.flatMap(({ dict }) => [
      ...unless(
        !['Alternates', 'OPI', 'Ref', 'PS', 'Subtype2'].some((name) => named(dict, name)),
        '6.2.8, 6.2.9 alternates, or drawn by others',
      ),
      ...unless(word(dict, 'Subtype') !== 'PS' && String(dict.get(PDFName.of('Interpolate'))) !== 'true', '6.2.8 interpolated'),
      ...unless(word(dict, 'Filter') !== 'JPXDecode', '6.2.8.3 JPEG 2000'),
    ]),
    ...dicts.flatMap((dict) => [
      ...unless(!['TR', 'HTP', 'HTO'].some((name) => named(dict, name)), '6.2.5 a transfer function'),
      ...list(dict, 'BM').flatMap((mode) => unless(modes.test(String(follow(mode)).slice(1)), '6.2.10 a blend mode')),
      ...unless(word(dict, 'S') !== 'Transparency' || named(dict, 'CS'), '6.2.10 a transparency group without a blending space'),
      ...unless(word(dict, 'Type') !== 'Pattern' && !named(dict, 'OCProperties'), '6.9 layers or patterns'),
    ]),
  ]
}

const PRINT = 4
const UNSEEN = 1 | 2 | 32 | 256

/** 6.3, 6.4: every annotation is seen and printed, has a look of its own, and nothing fills in a form. */
function annotations({ dicts, dict, word, catalog, list, follow }: PdfFile): string[] {
  const all = dicts.filter((each) => named(each, 'Rect') && named(each, 'Subtype') && !named(each, 'BBox'))
  const form = dict(catalog, 'AcroForm')
  return [
    ...all.flatMap((each) => {
      const kind = word(each, 'Subtype') ?? ''
      const flags = each.get(PDFName.of('F'))
      const bits = flags instanceof PDFNumber ? flags.asNumber() : 0
      const corners = list(each, 'Rect').map((corner) => (follow(corner) as PDFNumber).asNumber())
      const isPoint = corners[0] === corners[2] && corners[1] === corners[3]
      const look = dict(each, 'AP')
      return [
        ...unless(['Link', 'Widget'].includes(kind), `6.3.1 an annotation: ${kind}`),
        ...unless((bits & PRINT) !== 0 && (bits & UNSEEN) === 0, `6.3.2 a ${kind} that is not printed`),
        ...unless(isPoint || kind === 'Link' || (look && look.keys().join() === '/N'), `6.3.3 a ${kind} without a look`),
        ...unless(!named(each, 'A') || kind === 'Link', '6.4.1 a field that acts'),
        ...unless(!named(each, 'AA'), '6.4.1, 6.5.2 a field that acts'),
      ]
    }),
    ...unless(
      !form || (form.get(PDFName.of('NeedAppearances')) !== PDFBool.True && !named(form, 'XFA')),
      '6.4.1, 6.4.2 a form that is drawn later',
    ),
  ]
}

/** 6.5: nothing runs. */
function actions({ dicts, word, catalog }: PdfFile): string[] {
  return [
    ...unless(!named(catalog, 'AA') && !named(catalog, 'OpenAction'), '6.5 something happens when it is opened'),
    ...dicts.flatMap((each) =>
      unless(
        !/^(Launch|Sound|Movie|ResetForm|ImportData|Hide|SetOCGState|Rendition|Trans|GoTo3DView|JavaScript|Named)$/.test(
          word(each, 'S') ?? '',
        ),
        '6.5.1 an action',
      ),
    ),
  ]
}

/** ISO 32000-1 14.7, 14.8, and ISO 14289-1 7.1: what is on a page stands in the structure, or is an ornament. */
function tags({ catalog, dict, dicts, word, streams, follow }: PdfFile): string[] {
  const root = dict(catalog, 'StructTreeRoot')
  const lang = follow(catalog.get(PDFName.of('Lang')))
  const pages = dicts.filter((each) => word(each, 'Type') === 'Page')
  const figures = dicts.filter((each) => word(each, 'S') === 'Figure' && named(each, 'P'))
  const bare = contentsOf({ streams, word }).filter((content) => !isTagged(content))
  return [
    ...unless(dict(catalog, 'MarkInfo')?.get(PDFName.of('Marked')) === PDFBool.True, '14.7.1 not marked'),
    ...unless(root && named(root, 'K') && named(root, 'ParentTree'), '14.7.2 no structure'),
    ...unless((lang instanceof PDFString || lang instanceof PDFHexString) && lang.decodeText() === 'zh-CN', '14.9.2 no language'),
    ...unless(dict(catalog, 'ViewerPreferences')?.get(PDFName.of('DisplayDocTitle')) === PDFBool.True, 'UA 7.1 the title is not shown'),
    ...unless(pages.length > 0 && pages.every((page) => named(page, 'StructParents')), '14.7.4.4 a page without its parents'),
    ...unless(
      figures.every((figure) => named(figure, 'Alt')),
      'UA 7.3 a figure without words',
    ),
    ...unless(bare.length === 0, `14.8.2.2 something on a page is neither content nor ornament`),
  ]
}

/** Whether text and lines are drawn between BDC/BMC and EMC alone. */
function isTagged(content: string): boolean {
  let depth = 0
  for (const line of content.split('\n')) {
    if (/\bB[DM]C$/.test(line)) depth++
    else if (line === 'EMC') depth--
    else if (depth === 0 && /(^|\s)(TJ|Tj|f\*?|S|B\*?|Do|sh)$/.test(line)) return false
  }
  return depth === 0
}
