import { inflateSync } from 'node:zlib'
import { PDFArray, PDFDict, PDFDocument, PDFName, type PDFObject, PDFRawStream, PDFRef, PDFStream } from '@cantoo/pdf-lib'

/** A PDF as its objects are. */
export interface PdfFile {
  pdf: Buffer
  text: string
  catalog: PDFDict
  info: PDFDict | undefined
  objects: PDFObject[]
  dicts: PDFDict[]
  streams: PDFRawStream[]
  /** What an indirect object is, or a direct one. */
  follow(object: PDFObject | undefined): PDFObject | undefined
  dict(holder: PDFDict | undefined, name: string): PDFDict | undefined
  word(holder: PDFDict, name: string): string | undefined
  list(holder: PDFDict | undefined, name: string): PDFObject[]
}

export async function openPdf(pdf: Buffer): Promise<PdfFile> {
  const { context, catalog } = await PDFDocument.load(pdf, { updateMetadata: false, throwOnInvalidObject: true })
  const follow = (object: PDFObject | undefined) => (object instanceof PDFRef ? context.lookup(object) : object)
  const at = (holder: PDFDict | undefined, name: string) => follow(holder?.get(PDFName.of(name)))
  const asDict = (object: PDFObject | undefined) =>
    object instanceof PDFStream ? object.dict : object instanceof PDFDict ? object : undefined
  const objects = context.enumerateIndirectObjects().flatMap(([, object]) => within(object))
  return {
    ...{ pdf, text: pdf.toString('latin1'), catalog, objects, follow },
    info: asDict(follow(context.trailerInfo.Info)),
    dicts: objects.flatMap((object) => asDict(object) ?? []),
    streams: objects.filter((object) => object instanceof PDFRawStream),
    dict: (holder, name) => asDict(at(holder, name)),
    word(holder, name) {
      const value = at(holder, name)
      return value instanceof PDFName ? value.decodeText() : undefined
    },
    list(holder, name) {
      const value = at(holder, name)
      return value instanceof PDFArray ? value.asArray() : value === undefined ? [] : [value]
    },
  }
}

/** An object and all that stands in it. */
function within(object: PDFObject): PDFObject[] {
  const inner =
    object instanceof PDFStream
      ? [object.dict]
      : object instanceof PDFDict
        ? object.values()
        : object instanceof PDFArray
          ? object.asArray()
          : []
  // A stream's dictionary is told with it.
  return object instanceof PDFStream ? [object, ...object.dict.values().flatMap(within)] : [object, ...inner.flatMap(within)]
}

export const named = (holder: PDFDict, name: string) => holder.has(PDFName.of(name))

export function unpack(stream: PDFRawStream): Uint8Array {
  return named(stream.dict, 'Filter') ? inflateSync(stream.contents) : stream.contents
}

/** What is drawn: streams that are nothing else. */
export function contentsOf({ streams, word }: Pick<PdfFile, 'streams' | 'word'>): string[] {
  return streams
    .filter(({ dict }) => {
      const isForm = word(dict, 'Subtype') === 'Form'
      const isOther = ['Subtype', 'Type', 'N', 'Length1'].some((name) => named(dict, name))
      return isForm || !isOther
    })
    .map((stream) => Buffer.from(unpack(stream)).toString('latin1'))
}
