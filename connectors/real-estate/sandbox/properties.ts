import type { SandboxRow, SandboxSubject } from '../../../core/connector.ts'

/** The sandbox's people by their index (plugins/sandbox/people.ts): a record names all its owners, not only the asker. */
const owners: Readonly<Record<number, { name: string; number: string }>> = {
  1: { name: '贾明', number: '41100219900101000X' },
  2: { name: '甄晓禾', number: '411003198512310006' },
  3: { name: '欧阳试之', number: '411023196003150004' },
}

/** An invented property. */
export interface Property {
  /** 28 characters. */
  readonly unit: string
  readonly certificate: string
  readonly contract: string
  readonly place: string
  readonly division: string
  /** Indexes of the people who own it. */
  readonly owners: readonly number[]
  readonly use: string
  /** Own and shared floor area, m². */
  readonly area: readonly [own: number, shared: number]
  /** Purchase price in fen, tax included. */
  readonly price: number
  /** Day of the purchase, YYYYMMDD. */
  readonly bought: string
  readonly restriction: string
}

const flat: Property = {
  unit: '411002001001GB00001F00020501',
  certificate: '豫（2019）许昌市不动产权第0000001号',
  contract: 'XCWQ2019000001',
  place: '许昌市魏都区示例路1号院2号楼3单元501室',
  division: '411002',
  owners: [1, 2],
  use: '11',
  area: [98.36, 21.14],
  price: 96_000_000,
  bought: '20190612',
  restriction: '已抵押',
}
const shop: Property = {
  unit: '411002001002GB00007F00010102',
  certificate: '豫（2021）许昌市不动产权第0000002号',
  contract: 'XCWQ2021000002',
  place: '许昌市魏都区虚拟街8号1幢102号',
  division: '411002',
  owners: [1],
  use: '30',
  area: [56.2, 9.8],
  price: 88_500_000,
  bought: '20210318',
  restriction: '已抵押',
}
const house: Property = {
  unit: '411003002001GB00012F00030801',
  certificate: '豫（2016）许昌市不动产权第0000003号',
  contract: 'XCWQ2016000003',
  place: '许昌市建安区样本大道16号3号楼801室',
  division: '411003',
  owners: [2],
  use: '11',
  area: [88.5, 17.25],
  price: 52_000_000,
  bought: '20160905',
  restriction: '无',
}
const old: Property = {
  unit: '411081003001GB00003F00010201',
  certificate: '豫（2015）禹州市不动产权第0000004号',
  contract: 'YZWQ2015000004',
  place: '禹州市拟定路3号家属院1号楼201室',
  division: '411081',
  owners: [3],
  use: '11',
  area: [76.4, 11.6],
  price: 31_000_000,
  bought: '20150420',
  restriction: '已查封；有异议登记',
}

/** Own ones before shared ones: nobody's first record is another person's too. */
const properties = { shop, flat, house, old }
export type PropertyName = keyof typeof properties

export type Rows = (subject: SandboxSubject) => readonly SandboxRow[]

/** Rows of the properties that the person owns, alone or with others; others have none. */
export const ofOwner =
  (rows: (property: Property, name: PropertyName, subject: SandboxSubject) => readonly SandboxRow[]): Rows =>
  (subject) =>
    (['shop', 'house', 'flat', 'old'] as const).flatMap((name) =>
      properties[name].owners.includes(subject.index)
        ? rows(properties[name], name, subject).map((row) => ({ bdcqzh: properties[name].certificate, ...row }))
        : [],
    )

/** The owners of a property in the items of ZTT_GY_QLR; `role` is the key of the name. */
export const ownerRows = ({ owners: indexes }: Property, role = 'qlrmc'): SandboxRow[] =>
  indexes.flatMap((index) => {
    const owner = owners[index]
    const share = indexes.length > 1 ? '共同共有' : '100%'
    return owner
      ? [
          {
            [role]: owner.name,
            zjzl: '1',
            zjh: owner.number,
            dh: `1380000000${index}`,
            dz: `许昌市魏都区示例巷${index}号`,
            qlrlx: '1',
            qlbl: share,
          },
        ]
      : []
  })
