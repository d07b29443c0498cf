import type { ServiceKind } from '../kind.ts'
import query from '../query/kind.ts'
import documents from './index.ts'
import { VALID_MS } from './issue.ts'
import { personalData } from './personal-data.ts'

/** A query whose answer can always be had as a PDF that anybody can verify. */
export default {
  ...query,
  name: 'document',
  serves: ['document'],
  words: { category: '证明', button: '查询' },
  plugin: documents,
  check(subject) {
    const { contract, report } = subject
    query.check(subject)
    const asks = ['document', ...query.serves].includes(contract.kind)
    if (contract.document && (!asks || !contract.document.title)) report('document names what a query prints')
    const { minutes = 1 } = contract.document ?? {}
    if (!Number.isInteger(minutes) || minutes < 1 || minutes * 60_000 > VALID_MS) report('document.minutes counts from 1 to 90 days')
  },
  personalData,
} satisfies ServiceKind
