import water from '../connectors/water/index.ts'
import { householdsOf } from '../connectors/water/sandbox/households.ts'
import type { ConnectorDeclaration } from '../core/connector.ts'

/** Persons who have a household of their own. */
export const PAYERS = [1, 2, 3] as const

/** The waterworks as it is declared, with as many bills for everybody as are asked for: `<household>-<number>`, each of another amount. */
export const manyBills: ConnectorDeclaration = {
  ...water,
  sandbox: {
    ...water.sandbox,
    'bill-confirmation': ({ index, asked }) => {
      const [household] = householdsOf(index)
      const number = String(asked?.['zdh'] ?? '')
      if (!household || !number.startsWith(`${household.account}-`)) return []
      const amountFen = 1000 + Number(number.slice(household.account.length + 1))
      const yuan = (amountFen / 100).toFixed(2)
      const { account, holder, address } = household
      return [{ zdh: number, hh: account, hzxm: holder, ysdz: address, jfzq: '2026年9月至2026年10月', sysl: 10, yjje: yuan, zdzt: '0' }]
    },
  },
}
