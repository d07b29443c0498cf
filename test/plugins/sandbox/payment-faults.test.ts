import t from 'tap'
import { startSandbox } from '../../../plugins/sandbox/server.ts'

t.test('a channel that drops its answer drops as many as it was told to', async (t) => {
  const sandbox = await startSandbox({ connectors: [], dataDir: t.testdir(), headerPrefix: 'gjgxjhpt' })
  t.teardown(() => sandbox.close())
  const { wechat, alipay } = sandbox.payments.merchants()
  for (const [sid, merchant] of Object.entries({ wechat, alipay })) {
    sandbox.faults.set({ kind: 'accepted-then-reset', sid, times: 1 })
    const ask = () => fetch(`${merchant.baseUrl}/v3/certificates`)
    await t.rejects(ask(), { message: 'fetch failed' }, sid)
    t.strictSame(sandbox.faults.list(), [], 'used up')
    t.type((await ask()).status, 'number')
  }
})
