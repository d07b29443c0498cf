import type { SandboxRow, SandboxRows, SandboxSubject, SandboxWorld } from '../../../core/connector.ts'

/** What the register alone knows of a property. */
interface Entry {
  /** 28 characters. */
  readonly unit: string
  readonly certificate: string
  readonly contract: string
  readonly place: string
  readonly division: string
  readonly use: string
  /** Own and shared floor area, m². */
  readonly area: readonly [own: number, shared: number]
  readonly restriction: string
}

const flat: Entry = {
  unit: '411002001001GB00001F00020501',
  certificate: '豫（2019）许昌市不动产权第0000001号',
  contract: 'XCWQ2019000001',
  place: '许昌市魏都区示例路1号院2号楼3单元501室',
  division: '411002',
  use: '11',
  area: [98.36, 21.14],
  restriction: '已抵押',
}
const shop: Entry = {
  unit: '411002001002GB00007F00010102',
  certificate: '豫（2021）许昌市不动产权第0000002号',
  contract: 'XCWQ2021000002',
  place: '许昌市魏都区虚拟街8号1幢102号',
  division: '411002',
  use: '30',
  area: [56.2, 9.8],
  restriction: '已抵押',
}
const house: Entry = {
  unit: '411003002001GB00012F00030801',
  certificate: '豫（2016）许昌市不动产权第0000003号',
  contract: 'XCWQ2016000003',
  place: '许昌市建安区样本大道16号3号楼801室',
  division: '411003',
  use: '11',
  area: [88.5, 17.25],
  restriction: '无',
}
const old: Entry = {
  unit: '411081003001GB00003F00010201',
  certificate: '豫（2015）禹州市不动产权第0000004号',
  contract: 'YZWQ2015000004',
  place: '禹州市拟定路3号家属院1号楼201室',
  division: '411081',
  use: '11',
  area: [76.4, 11.6],
  restriction: '已查封；有异议登记',
}

const recent: Entry = {
  unit: '411003004001GB00021F00011102',
  certificate: '豫（2025）许昌市不动产权第0000006号',
  contract: 'XCWQ2025000006',
  place: '许昌市建安区样例大道66号1号楼1102室',
  division: '411003',
  use: '11',
  area: [104.6, 23.4],
  restriction: '无',
}

const entries = { shop, house, flat, old, recent }
export type PropertyName = keyof typeof entries

/** A property, with what the lives say of its purchase: days YYYYMMDD, fen with tax. */
export interface Property extends Entry {
  readonly bought: string
  readonly price: number
  readonly owners: readonly (SandboxSubject & { readonly address: string })[]
  /** Whether its buyers had no other home. */
  readonly sole: boolean
}

const HOME = '11'

function propertyOf(entry: Entry, { people }: SandboxWorld): Property | undefined {
  const bought = people.flatMap(({ life }) => life.homes).find(({ place }) => place === entry.place)
  if (!bought) return undefined
  const owners = bought.owners.flatMap((index) => people.find((person) => person.index === index) ?? [])
  const earlier = owners.flatMap(({ life }) => life.homes).filter((home) => home.bought < bought.bought && useOf(home.place) === HOME)
  return {
    ...entry,
    ...{ bought: bought.bought, price: bought.price, sole: earlier.length === 0 },
    owners: owners.map(({ index, name, number, life: { address } }) => ({ index, name, number, address })),
  }
}

const useOf = (place: string) => Object.values(entries).find((entry) => entry.place === place)?.use

/** Rows of the properties that the person owns, alone or with others; others have none. Own ones come before shared ones. */
export const ofOwner =
  (rows: (property: Property, name: PropertyName, subject: SandboxSubject) => readonly SandboxRow[]): SandboxRows =>
  (subject, world) =>
    (Object.keys(entries) as PropertyName[]).flatMap((name) => {
      const property = propertyOf(entries[name], world)
      if (!property?.owners.some(({ index }) => index === subject.index)) return []
      return rows(property, name, subject).map((row) => ({ bdcqzh: property.certificate, ...row }))
    })

/** The owners of a property in the items of ZTT_GY_QLR; `role` is the key of the name. */
export const ownerRows = ({ owners }: Property, role = 'qlrmc'): SandboxRow[] =>
  owners.map(({ index, name, number, address }) => ({
    [role]: name,
    zjzl: '1',
    zjh: number,
    dh: `1380000000${index}`,
    dz: address,
    qlrlx: '1',
    qlbl: owners.length > 1 ? '共同共有' : '100%',
  }))
