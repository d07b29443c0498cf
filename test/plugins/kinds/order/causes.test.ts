import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { causeTitle } from '../../../../plugins/kinds/order/causes.ts'
import { orderStates } from '../../../../plugins/kinds/order/states.ts'
import { ROOT } from '../../../helper/test-files.ts'

/** Where an order moves for a reason that stands there as a code. */
const MOVES = /'(?:closed|paying|written-off|refunding)', '([a-z-]+)'|(?:giveUp|toPerson)\([^)\n]*?'([a-z-]+)'/g

t.test('staff read why an order moved in words', async (t) => {
  const code = globSync('plugins/{kinds/order,confirmations/changes}/*.ts', { cwd: ROOT }).map((file) =>
    readFileSync(join(ROOT, file), 'utf8'),
  )
  const found = [...code.join('\n').matchAll(MOVES)].map(([, moved, given]) => moved ?? given ?? '')
  // Lists of states look alike.
  const causes = new Set(found.filter((each) => !Object.hasOwn(orderStates, each)))
  t.ok(causes.size >= 9, [...causes].join())
  for (const cause of [...causes, 'staff', 'reconciliation', 'wechat']) t.match(causeTitle(cause), /^[\p{Script=Han}，]+$/u, cause)
  t.equal(causeTitle('differs: amount, merchant'), '与渠道所说不一致：金额、商户号')
  t.equal(causeTitle('核对无误'), '核对无误', 'what staff wrote is shown as they wrote it')
})
