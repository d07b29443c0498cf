import type { ConnectorDeclaration } from '../../core/connector.ts'
import { billing } from './bills.ts'

/** Bills of each person who has a household in the sandbox. */
export const BILLS_EACH = 500

const declaration = billing()

/** The waterworks, with bills for a crowd; every one of another amount. */
export const manyBills: ConnectorDeclaration = {
  ...declaration,
  sandbox: {
    ...declaration.sandbox,
    bills: ({ index, name }) =>
      Array.from({ length: BILLS_EACH }, (_, position) => ({
        zdh: `M${index}${String(position).padStart(4, '0')}`,
        hz: name,
        zq: '2026-10',
        je: ((index * 1000 + position) / 100).toFixed(2),
        zt: '0',
      })),
  },
}
