import { importing, literal, type Newcomer } from './answers.ts'
import { dialects, envelopeOf } from './dialects.ts'

/** `index.ts`: a list that everybody has, whose keys at the agency are guesses of the pinyin kind. */
export function declarationText({ id, name, agency, dialect, section }: Newcomer): string {
  const { call } = dialects.find((each) => each.name === dialect) ?? { call: '' }
  const imports = ['defineConnector', call, 'envelope', 'field', 'input', 'service'].sort()
  const clause = (deeper: string) => (section === null ? '' : `\n  section: ${literal(section + deeper)},`)
  return `${importing(`{ ${imports.join(', ')} }`, '../../core/connector.ts')}
${importing('{ recordStates }', './codes.ts')}
${importing('{ records }', './sandbox/rows.ts')}

const recordList = service({
  id: 'records',
  name: '我的记录',${clause('.1')}
  kind: 'list',
  inputs: { period: input.period('办理日期', { codes: ['ksrq', 'jsrq'], field: 'date' }) },
  fields: {
    idNumber: field.text('证件号码', { code: 'zjhm', mask: 'idNumber', subject: 'person' }),
    recordNumber: field.text('记录编号', { code: 'jlbh', required: true }),
    title: field.text('事项', { code: 'sx' }),
    date: field.date('办理日期', { code: 'blrq' }),
    state: field.code('状态', recordStates, { code: 'zt' }),
    amount: field.money('金额', { code: 'je' }),
  },
})

export default defineConnector({
  id: ${literal(id)},
  name: ${literal(name)},
  agency: ${literal(agency)},
  version: '0.1.0',${clause('')}
  upstream: {
    dialect: ${call}(),
    envelope: envelope.${envelopeOf(dialect)}(),
    subject: { person: { xm: 'person.name', zjhm: 'person.idNumber' } },
    dateFormat: 'YYYYMMDD',
    maxConcurrent: 8,
  },
  defaults: { audience: 'person', identity: 'real-name', timeoutMs: 5000, rate: { max: 60, perSeconds: 60 } },
  services: [recordList],
  health: { service: 'records', intervalSeconds: 60 },
  sandbox: { records },
})
`
}
