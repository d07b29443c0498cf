import { addDays, type SandboxRow, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'

/** A licence as the platform holds it; days YYYYMMDD. */
export interface Licence {
  readonly type: string
  readonly name: string
  readonly number: string
  readonly authority: string
  readonly issued: string
  /** The last day on which it holds; null: 长期. */
  readonly until: string | null
  readonly cancelled?: true
  /** What it says besides, by which it is found. */
  readonly about: string
}

const XC = '11411000000000001A'
const MINISTRY_OF_HOUSING = '11100000000013338W'
const year = (day: string) => day.slice(0, 4)
const after = (day: string, years: number) => addDays(`${Number(year(day)) + years}${day.slice(4)}`, -1)
/** The latest day of that month and day that has been, less some years. */
const lately = (today: string, monthDay: string, back = 0) =>
  `${Number(year(today)) - (today.slice(4) < monthDay ? 1 : 0) - back}${monthDay}`

/** Of the homes that 不动产 knows; the same number stands in its register. */
const property: Readonly<Record<string, readonly [number: string, office: string]>> = {
  许昌市魏都区示例路1号院2号楼3单元501室: ['豫（2019）许昌市不动产权第0000001号', '许昌市自然资源和规划局'],
  许昌市魏都区虚拟街8号1幢102号: ['豫（2021）许昌市不动产权第0000002号', '许昌市自然资源和规划局'],
  许昌市建安区样本大道16号3号楼801室: ['豫（2016）许昌市不动产权第0000003号', '许昌市自然资源和规划局'],
  禹州市拟定路3号家属院1号楼201室: ['豫（2015）禹州市不动产权第0000004号', '禹州市自然资源和规划局'],
  许昌市建安区样例大道66号1号楼1102室: ['豫（2025）许昌市不动产权第0000006号', '许昌市自然资源和规划局'],
}

/** The certificate of the wedding was lost: it is cancelled, and a new one holds (as 民政 has it). */
function marriage(life: SandboxWorld['people'][number]['life']): Licence[] {
  if (!life.marriage) return []
  const { day } = life.marriage
  const reissued = addDays(`${Number(year(day)) + 5}${day.slice(4)}`, 23)
  const wed = { type: `${XC}101`, name: '结婚证', authority: '许昌市魏都区民政局婚姻登记处（示例）', until: null, about: '婚姻登记' }
  return [
    { ...wed, number: `BJ411002-${year(reissued)}-000023`, issued: reissued },
    { ...wed, number: `J411002-${year(day)}-000520`, issued: day, cancelled: true },
  ]
}

export function licencesOfPerson({ index }: SandboxSubject, { people, today }: SandboxWorld): Licence[] {
  const life = people[index - 1]?.life
  if (!life) return []
  const homes = life.homes.flatMap(({ place, bought }): Licence[] => {
    const [number, authority] = property[place] ?? []
    return number && authority
      ? [{ type: `${XC}102`, name: '不动产权证书', number, authority, issued: bought, until: null, about: place }]
      : []
  })
  const old = Number(today) - Number(life.born) >= 650_000
  const senior: Licence = {
    ...{ type: `${XC}104`, name: '老年人优待证', number: `411000${life.born.slice(2, 6)}${String(index).padStart(4, '0')}` },
    ...{
      authority: '许昌市老龄工作委员会办公室',
      issued: `${Number(year(life.born)) + 65}${life.born.slice(4)}`,
      until: null,
      about: '65周岁以上',
    },
  }
  const job = life.jobs.at(-1)
  const left = job && job.until !== null && !life.retirement && !life.incapacity ? job.until : null
  const jobless: Licence = {
    ...{ type: `${XC}103`, name: '就业创业证', number: `4110020${left ?? ''}${String(index).padStart(5, '0')}` },
    ...{ authority: '许昌市公共就业服务中心', issued: addDays(`${left ?? ''}28`, 22), until: null, about: '失业登记' },
  }
  return [...marriage(life), ...homes, ...(old ? [senior] : []), ...(left ? [jobless] : []), ...(index === 1 ? skilled(today) : [])]
}

/** Person 1 works in clothing, and let a health certificate run out. */
function skilled(today: string): Licence[] {
  const health = lately(today, '0312', 2)
  return [
    {
      ...{ type: `${XC}151`, name: '职业技能等级证书', number: 'Y000041100001223000017', authority: '许昌市示例职业技能评价中心' },
      ...{ issued: '20221218', until: null, about: '服装制版师 三级/高级工' },
    },
    {
      ...{ type: `${XC}105`, name: '从业人员健康证明', number: `411002${year(health)}08817`, authority: '许昌市疾病预防控制中心示例门诊' },
      ...{ issued: health, until: after(health, 1), about: '公共场所从业人员' },
    },
  ]
}

export function licencesOfFirm({ number }: SandboxSubject, { firms, today }: SandboxWorld): Licence[] {
  const firm = firms.find((candidate) => candidate.number === number)
  if (!firm) return []
  const { index, founded } = firm
  const quality = lately(today, '0618', 1)
  const permit = lately(today, '0905', 2)
  const high = lately(today, '1101', 4)
  const own: readonly Licence[][] = [
    [
      {
        ...{ type: `${XC}203`, name: '排污许可证', number: `${number}001Q`, authority: '许昌市生态环境局' },
        ...{ issued: permit, until: after(permit, 5), about: '废水、废气排放（简化管理）' },
      },
      {
        ...{
          type: `${XC}252`,
          name: '质量管理体系认证证书',
          number: `0${year(quality).slice(2)}Q41100R1M`,
          authority: '示例认证（许昌）有限公司',
        },
        ...{ issued: quality, until: after(quality, 3), about: 'GB/T 19001-2016' },
      },
    ],
    [
      {
        ...{ type: `${XC}204`, name: '食品经营许可证', number: 'JY14110020000046', authority: '许昌市魏都区市场监督管理局' },
        ...{ issued: permit, until: after(permit, 5), about: '预包装食品销售' },
      },
    ],
    [
      {
        ...{ type: `${XC}251`, name: '高新技术企业证书', number: `GR${year(high)}41000031`, authority: '河南省科学技术厅' },
        ...{ issued: high, until: after(high, 3), about: '软件开发' },
      },
    ],
  ]
  const business: Licence = {
    ...{ type: `${XC}201`, name: '营业执照', number, authority: '许昌市市场监督管理局', issued: founded, until: null },
    about: '有限责任公司（自然人投资或控股）',
  }
  // 取消企业银行账户许可, in Henan from 2019 on (银发〔2019〕41号): what had been given before was taken back.
  const account: Licence = {
    ...{ type: `${XC}202`, name: '开户许可证', number: `J49700000${index}0101`, authority: '中国人民银行许昌市分行' },
    ...{ issued: addDays(founded, 20), until: null, cancelled: true, about: '基本存款账户' },
  }
  return [business, ...(founded < '20190722' ? [account] : []), ...(own[index - 1] ?? [])]
}

export function stateOf({ cancelled, until }: Licence, today: string): string {
  if (cancelled) return '2'
  return until !== null && until < today ? '3' : '1'
}

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** ISO 7064 MOD 37,36. */
export function checkCharacterOf(text: string): string {
  let product = 36
  for (const character of text) product = (((product + ALPHABET.indexOf(character)) % 36 || 36) * 2) % 37
  return ALPHABET[(37 - product) % 36] ?? ''
}

/** 证照标识; its check character is over type, issuer, serial and version. */
function identifierOf({ type, issued, number }: Licence): string {
  const digits = [...number].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 100_000_000, 7)
  const serial = `${issued}${String(digits).padStart(8, '0')}`
  return `1.2.156.3005.2.${type}.${XC}.${serial}.001.${checkCharacterOf(`${type}${XC}${serial}001`)}`
}

const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`

/** The platform's row. Of what was cancelled it hands out no picture. */
export function rowOf(licence: Licence, { name, number }: SandboxSubject, today: string): SandboxRow {
  const { issued, until, authority } = licence
  const id = identifierOf(licence)
  const state = stateOf(licence, today)
  return {
    CZZT: name,
    CZZTDM: number,
    ZZLXDM: licence.type,
    ZZMC: licence.name,
    ZZBH: licence.number,
    ZZBS: id,
    ZZBFJG: authority,
    ZZSSJG: authority,
    ZZBZDW: authority,
    ZZBFRQ: dashed(issued),
    ZZYXQ: `${dashed(issued)}至${until === null ? '长期' : dashed(until)}`,
    ZZYXQQSRQ: dashed(issued),
    ZZYXQJZRQ: until === null ? '长期' : dashed(until),
    ZZZT: state,
    GJZ: `${licence.name}${licence.number}${authority}${licence.about}`,
    GJSX: `${licence.number}${licence.about}`,
    ZZTP: state === '2' ? [] : [{ id, name: `${licence.name}.png`, mediaType: 'image/png' }],
  }
}

/** What says that somebody is able: types whose three digits are 150 to 199 or 250 to 299 here, and constructors. */
export const isCertificate = ({ type }: Licence) => type === `${MINISTRY_OF_HOUSING}001` || /[12][5-9]\d$/.test(type)
