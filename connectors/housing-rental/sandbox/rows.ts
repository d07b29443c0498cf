import { addMonths, type SandboxRow, type SandboxRows, type SandboxSubject, type SandboxWorld } from '../../../core/connector.ts'

const day = (text: string) => `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`
const yuan = (fen: number) => (fen / 100).toFixed(2)

interface Party {
  role: '1' | '2' | '3' | '4' | '5'
  name: string
  number: string
}

interface Contract {
  number: string
  kind: '1' | '2' | '3'
  name: string
  place: string
  /** YYYYMMDD */
  signed: string
  fen: number
  area: number
  /** Months of a lease; a sale has no end. */
  months: number | null
  parties: readonly Party[]
}

const DEVELOPER: Party = { role: '3', name: '许昌样本房地产开发有限公司', number: '91411000MA00012340' }

/** What the register of property and the lives say as well: who bought what, when, for how much. */
const sales: Readonly<Record<string, { number: string; area: number; from: 'developer' | 'owner' }>> = {
  许昌市魏都区示例路1号院2号楼3单元501室: { number: 'XCWQ2019000001', area: 119.5, from: 'developer' },
  许昌市魏都区虚拟街8号1幢102号: { number: 'XCWQ2021000002', area: 66, from: 'developer' },
  许昌市建安区样本大道16号3号楼801室: { number: 'XCWQ2016000003', area: 105.75, from: 'owner' },
  许昌市建安区样例大道66号1号楼1102室: { number: 'XCWQ2025000006', area: 128, from: 'developer' },
}

/** Leases between people of the sandbox: owner, tenant, home, rent a month in fen. */
const leases = [
  { number: 'XCZL2026000018', owner: 2, tenant: 4, place: '许昌市建安区样本大道16号3号楼801室', rent: 120_000, before: 8, area: 105.75 },
  { number: 'XCZL2026000041', owner: 5, tenant: 6, place: '许昌市建安区样例大道66号1号楼1102室', rent: 150_000, before: 3, area: 128 },
] as const

function party(role: Party['role'], world: SandboxWorld, index: number): Party {
  const person = world.people.find((each) => each.index === index)
  return { role, name: person?.name ?? '', number: person?.number ?? '' }
}

function contractsOf({ index }: SandboxSubject, world: SandboxWorld): Contract[] {
  const life = world.people.find((person) => person.index === index)?.life
  const bought = (life?.homes ?? []).flatMap(({ place, bought: signed, price, owners }): Contract[] => {
    const sale = sales[place]
    if (!sale) return []
    const seller: Party = sale.from === 'developer' ? DEVELOPER : { role: '3', name: '韩示范', number: '' }
    return [
      {
        number: sale.number,
        kind: sale.from === 'developer' ? '2' : '3',
        name: sale.from === 'developer' ? '商品房买卖合同' : '存量房买卖合同',
        place,
        signed,
        fen: price,
        area: sale.area,
        months: null,
        parties: [seller, ...owners.map((owner) => party('4', world, owner))],
      },
    ]
  })
  const rented = leases
    .filter(({ owner, tenant }) => owner === index || tenant === index)
    .map(
      ({ number, owner, tenant, place, rent, before, area }): Contract => ({
        number,
        kind: '1',
        name: '住房租赁合同',
        place,
        signed: `${addMonths(world.today.slice(0, 6), -before)}05`,
        fen: rent * 12,
        area,
        months: 12,
        parties: [party('1', world, owner), party('2', world, tenant)],
      }),
    )
  return [...rented, ...bought]
}

function rowOf({ number, kind, name, place, signed, fen, area, months, parties }: Contract): SandboxRow {
  const end = months === null ? null : addMonths(signed.slice(0, 6), months)
  return {
    htmc: name,
    htbh: number,
    htlb: kind,
    htje: yuan(fen),
    htyxq: end === null ? '长期' : `${day(signed)} 至 ${day(`${end}04`)}`,
    qsf: parties.map((each) => ({ qssf: each.role, xm: each.name, zjhm: each.number })),
    qssj: `${day(signed)} 10:20:00`,
    bazt: '2',
    fwzl: place,
    htfj: [{ id: `HT${number}`, name: `${name}.pdf`, mediaType: 'application/pdf' }],
    babh: `许房备${number.slice(4)}`,
    barq: day(signed),
    jzmj: area,
    cjzj: yuan(fen),
    zmwj: [{ id: `BA${number}`, name: '网签备案证明.pdf', mediaType: 'application/pdf' }],
    bajg: '许昌市住房和城乡建设局',
  }
}

const of =
  (...kinds: readonly Contract['kind'][]): SandboxRows =>
  (subject, world) =>
    contractsOf(subject, world)
      .filter(({ kind }) => kinds.includes(kind))
      .map(rowOf)

/** The platform's records of the sandbox's invented people, in its own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'contract-query': of('1', '2', '3'),
  'contract-download': of('1', '2', '3'),
  'new-housing-filing-certificate': of('2'),
  'existing-housing-filing-certificate': of('3'),
}
