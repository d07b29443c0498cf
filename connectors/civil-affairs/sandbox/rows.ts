import { addDays, type SandboxRow, type SandboxRows, type SandboxWorld } from '../../../core/connector.ts'

type Person = SandboxWorld['people'][number]

const dashed = (day: string) => `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
const sexOf = ({ life }: Person) => (life.sex === '男' ? '1' : '2')
const personAt = (index: number, { people }: SandboxWorld) => people.find((person) => person.index === index)

/** The couple, whose certificate was lost and issued again five years later. */
const marriages: SandboxRows = ({ index }, world) => {
  const person = personAt(index, world)
  const marriage = person?.life.marriage
  const spouse = marriage ? personAt(marriage.spouse, world) : undefined
  if (!person || !marriage || !spouse) return []
  const [man, woman] = sexOf(person) === '1' ? [person, spouse] : [spouse, person]
  const couple = {
    name_man: man.name,
    cert_type_man: '111',
    cert_num_man: man.number,
    name_woman: woman.name,
    cert_type_woman: '111',
    cert_num_woman: woman.number,
    dept_name: '许昌市魏都区民政局婚姻登记处（示例）',
  }
  const reissued = addDays(`${Number(marriage.day.slice(0, 4)) + 5}${marriage.day.slice(4)}`, 23)
  return [
    { ...couple, op_type: 'IA', op_date: dashed(marriage.day), reissue_date: null },
    { ...couple, op_type: 'ICA', reg_date: dashed(marriage.day), op_date: dashed(reissued), reissue_date: dashed(reissued) },
  ]
}

interface Deceased {
  readonly name: string
  readonly number: string
  readonly division: string
  readonly address: string
  readonly died: string
  readonly cremated: string
  readonly kin: readonly { readonly person: number; readonly relation: string }[]
}

/** Fathers of persons 3 and 5, the latter the husband of person 8; nobody's numbers (plugins/sandbox/people.ts). */
const deceased: readonly Deceased[] = [
  {
    name: '欧阳守成',
    number: '411023193502129994',
    division: '411081',
    address: '禹州市示例巷3号',
    died: '2021-11-03 05:40:00',
    cremated: '2021-11-05 10:20:00',
    kin: [{ person: 3, relation: '子女' }],
  },
  {
    name: '钱慎之',
    number: '411002195304169992',
    division: '411002',
    address: '许昌市魏都区样例街8号院1号楼102室',
    died: '2023-09-14 21:15:00',
    cremated: '2023-09-16 09:30:00',
    kin: [
      { person: 8, relation: '配偶' },
      { person: 5, relation: '子女' },
    ],
  },
]

const cremations: SandboxRows = ({ index }, world) =>
  deceased
    .filter(({ kin }) => kin.some(({ person }) => person === index))
    .map(({ name, number, division, address, died, cremated, kin }) => ({
      NAME: name,
      ID_CARD: number,
      SEX: '1',
      XZQHDM: division,
      ADDRESS: address,
      DEATH_TIME: died,
      CREMATION_ORG: division === '411081' ? '禹州市示例殡仪馆' : '许昌市示例殡仪馆',
      CREMATION_TIME: cremated,
      QSLB: kin.map(({ person, relation }) => ({
        NAME: personAt(person, world)?.name ?? '',
        CERT_NUM: personAt(person, world)?.number ?? '',
        GX: relation,
      })),
    }))

/** Whoever cannot work any more is assessed some weeks after; a parent is guardian. */
function disabledAt({ today }: SandboxWorld, { life }: Person): string | null {
  const certified = life.incapacity === null ? null : addDays(life.incapacity, 60)
  return certified !== null && certified <= today ? certified : null
}

const guardianOf = ({ life }: Person, world: SandboxWorld) => life.parents.map((index) => personAt(index, world)).find(Boolean)

const disabled: SandboxRows = (subject, world) => {
  const person = personAt(subject.index, world)
  if (!person || disabledAt(world, person) === null) return []
  const guardian = guardianOf(person, world)
  return [
    {
      name: person.name,
      cert_num: person.number,
      birth_date: dashed(person.life.born),
      sex: sexOf(person),
      nation: '汉族',
      cjlb: '4',
      cjdj: '2',
      czzt: '1',
      sqlb: '1',
      whcd: '20',
      hyzk: person.life.marriage ? '20' : '10',
      hkxz: '2',
      hjdz: person.life.address,
      jzdz: person.life.homes.at(-1)?.place ?? person.life.address,
      xzqhdm: '411003',
      jhrxm: guardian?.name ?? null,
      jhrgh: guardian ? '0374-0000008' : null,
      jhrsj: guardian ? '10000000008' : null,
    },
  ]
}

const wards: SandboxRows = ({ index }, world): SandboxRow[] =>
  world.people
    .filter((person) => disabledAt(world, person) !== null && guardianOf(person, world)?.index === index)
    .map(({ name, number }) => ({ bjhrxm: name, bjhrzjhm: number, gx: '2' }))

/** The registers' records of the sandbox's invented people, in their own keys and forms. */
export const sandbox: Readonly<Record<string, SandboxRows>> = {
  'marriage-registration': marriages,
  cremation: cremations,
  'disabled-person-info': disabled,
  'disability-guardianship': wards,
}
