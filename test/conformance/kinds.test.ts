import t from 'tap'
import { formatReport } from '../../conformance/report.ts'
import { checkConnector } from '../../conformance/run.ts'
import { type ConnectorDeclaration, field, input } from '../../core/connector.ts'
import { actConnector } from '../helper/act-connector.ts'
import { openLab } from '../helper/lab.ts'

const readme = '# 演示\n\n## To be confirmed with the agency\n\n1. Everything.\n'
const tryOut = (connector: ConnectorDeclaration) => checkConnector({ connector, readme }, openLab)

t.test('a connector with acts is tried with a lost answer', async (t) => {
  const report = await tryOut(actConnector())
  t.match(
    report.checks.find(({ id }) => id === 'acts'),
    { result: 'pass', reasons: [] },
    formatReport(report),
  )
  t.match(report.tier, /^(silver|gold)$/, formatReport(report))
})

t.test('an act whose answer the agency words otherwise than declared does not pass', async (t) => {
  const connector = actConnector()
  const services = connector.services.map(({ contract, handler }) =>
    contract.id === 'reservation'
      ? { handler, contract: { ...contract, fields: { ...contract.fields, desk: field.text('取书台', { code: 'qst', required: true }) } } }
      : { contract, handler },
  )
  const { checks } = await tryOut({ ...connector, services })
  const { result, reasons } = checks.find(({ id }) => id === 'acts') ?? {}
  t.equal(result, 'fail')
  t.match(reasons?.join(), /reservation/)
})

t.test('a service that must have a file is tried with one', async (t) => {
  const connector = actConnector()
  const paper = (type: string) => input.file('材料', { codes: [type], required: true, mediaTypes: [`image/${type}`], maxBytes: 1000 })
  const services = connector.services.map(({ contract, handler }) =>
    contract.id === 'reservation'
      ? {
          handler,
          contract: {
            ...contract,
            inputs: { ...contract.inputs, photo: paper('jpeg'), papers: input.list('材料', paper('png'), { code: 'cl', required: true }) },
          },
        }
      : { contract, handler },
  )
  const report = await tryOut({ ...connector, services })
  t.match(
    report.checks.find(({ id }) => id === 'acts'),
    { result: 'pass', reasons: [] },
    formatReport(report),
  )
})
