import { type SandboxRow, type SandboxRows, yuan } from '../../../core/connector.ts'
import { categories } from '../codes.ts'
import { type Case, casesOf, isStranger, isUnit, moment } from './cases.ts'
import { type Item, itemOf, items, paperName } from './items.ts'

const FEN = 100
/** Fen for each copy after the first, and for a translation. Made up. */
const COPY = 20 * FEN
const TRANSLATION = 100 * FEN

const itemRow = ({ code, name, condition, yuan: fee, workingDays }: Item): SandboxRow => ({
  ...{ sxbm: code, sxmc: name, sqtj: condition, gzf: yuan(fee * FEN), blsx: workingDays },
})

const catalogue: SandboxRows = () =>
  Object.keys(categories.values).map((gzfl) => {
    const own = items.filter(({ category }) => category === gzfl)
    return { gzfl, sxs: own.length, gzfw: own.map(itemRow) }
  })

const checklist: SandboxRows = () =>
  items.map(({ code, name, category, papers }) => ({
    ...{ sxbm: code, sxmc: name, gzfl: category },
    clqd: papers.map((paper) => ({ clmc: paperName(paper), clxs: paper === 'text' || paper === 'deed' ? '原件' : '原件扫描', sfbx: '1' })),
  }))

const caseRow = (each: Case): SandboxRow => ({
  ...{ slbh: each.number, gzsx: each.item.name, blzt: each.status, sqsj: each.applied, gxsj: each.updated, shfk: each.feedback },
  bzcl: each.missing.map(({ paper, reason }) => ({ clmc: paper, bzyy: reason })),
  ...{ bzqx: each.deadline, sfksc: takesMaterials(each) ? '1' : '0' },
})

const takesMaterials = ({ status }: Case) => ['01', '02', '03', '07'].includes(status)

const mine: SandboxRows = (subject, world) => casesOf(subject, world).map(caseRow)

/** What was taken in and isn't settled for good. */
const isCharged = ({ status, certificate }: Case) => ['02', '03', '04', '07'].includes(status) && certificate === null

function chargeRow({ number, item, copies, language, paid }: Case): SandboxRow {
  const [fee, copy, translation] = [item.yuan * FEN, (copies - 1) * COPY, language === 'zh' ? 0 : TRANSLATION]
  return {
    ...{ slbh: number, gzsx: item.name, gzf: yuan(fee), fbf: yuan(copy), fyf: yuan(translation) },
    ...{ yjje: yuan(fee + copy + translation), jfzt: paid ? '1' : '0' },
  }
}

/** One that is settled is told to whoever names it. */
const charges: SandboxRows = (subject, world) =>
  casesOf(subject, world)
    .filter((each) => isCharged(each) || (each.certificate !== null && each.number === subject.asked?.['slbh']))
    .map(chargeRow)
const due: SandboxRows = (subject, world) =>
  casesOf(subject, world)
    .filter((each) => isCharged(each) && !each.paid)
    .map(chargeRow)

const certificates: SandboxRows = (subject, world) =>
  casesOf(subject, world).flatMap(({ certificate, number, item, copies, placeOfUse }) =>
    certificate
      ? [
          {
            ...{ gzsbh: certificate.number, gzsx: item.name, sqrmc: subject.name, cjrq: certificate.issued, gzy: '甄公正' },
            ...{ fs: copies, syd: placeOfUse, gzs: [{ id: `GZS${number}`, name: '公证书.pdf', mediaType: 'application/pdf' }] },
          },
        ]
      : [],
  )

const NONE = '无登记的不动产'

/** Homes as the register has them; firms of the sandbox have none. */
const profile: SandboxRows = (subject, world) => {
  if (isStranger(subject)) return []
  const { index, name } = subject
  const homes = isUnit(subject) ? [] : (world.people[index - 1]?.life.homes ?? [])
  const assets = homes.map(({ place, owners }): SandboxRow => ({ zclb: '1', zcmc: place, fe: owners.length > 1 ? '共同共有' : '单独所有' }))
  const kinds = [...new Set(assets.map(({ fe }) => String(fe)))]
  return [{ xm: name, zc: assets, qs: kinds.length === 0 ? NONE : kinds.join('、'), bjs: casesOf(subject, world).length }]
}

/** An application of anybody but person 7; that of a marriage certificate of whoever is married. */
const applicant =
  (code: string | null, isFit: (marriage: boolean) => boolean = () => true): SandboxRows =>
  (subject, { people }) => {
    const marriage = Boolean(people[subject.index - 1]?.life.marriage)
    if (isStranger(subject) || !isFit(marriage)) return []
    const item = itemOf(code ?? subject.asked?.['sxbm'] ?? '0203')
    return [{ gzsx: item?.name, shfk: '材料齐全，事实清楚，予以公证；缴费后出具公证书。' }]
  }

/** What came goes to a case of the asker's own that is still looked at. */
const upload: SandboxRows = (subject, world) => {
  const { slbh, sqcl } = subject.asked ?? {}
  return casesOf(subject, world)
    .filter((each) => takesMaterials(each) && (slbh === undefined || slbh === each.number))
    .map(({ number, item }) => ({ slbh: number, gzsx: item.name, jssj: moment(world.now), jsfs: [sqcl ?? []].flat().length }))
}

/** The platform's catalogue, and its records of the sandbox's invented people and firms, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'notarization-info': profile,
  'notarization-items': catalogue,
  'material-checklist': checklist,
  'birth-notarization': applicant('0101'),
  'kinship-notarization': applicant('0113'),
  'marriage-certificate-notarization': applicant('0301', (marriage) => marriage),
  'application-submit': applicant(null),
  'review-feedback': mine,
  'material-upload': upload,
  'notarization-charges': charges,
  'fee-payment': due,
  'notarial-certificate': certificates,
}
