import t from 'tap'
import { createKeySet } from '../../../plugins/users/key-set.ts'
import { startIssuer } from '../../helper/issuer.ts'

const PACE = { restMs: 5000, freshMs: 30_000, staleMs: 600_000 }

t.test('an issuer’s keys: fetched when they are needed, and never more often than the rest allows', async (t) => {
  const issuer = await startIssuer()
  t.teardown(issuer.close)
  const clock = { at: 1_000_000 }
  const set = createKeySet(issuer.env.TOKEN_JWKS_URL, PACE, () => clock.at)
  const first = await (await issuer.take('a'))()
  const verdict = (token: string) =>
    set.verify(token, {}).then(
      () => 'good',
      ({ code, message }: { code?: string; message: string }) => code ?? message,
    )

  t.same(await Promise.all([verdict(first), verdict(first), verdict(first)]), ['good', 'good', 'good'])
  t.equal(issuer.state.fetched, 1, 'at once for all who wait')

  const second = await (await issuer.take('b'))()
  for (let i = 0; i < 20; i++) await set.renew()
  t.equal(issuer.state.fetched, 1, 'the rest holds, whatever is sent')
  t.equal(await verdict(second), 'ERR_JWKS_NO_MATCHING_KEY')
  clock.at += PACE.restMs
  const { generation } = set
  await Promise.all([set.renew(), set.renew()])
  t.equal(issuer.state.fetched, 2)
  t.equal(set.generation, generation + 1)
  t.equal(await verdict(second), 'good')

  issuer.withdraw('a')
  t.equal(await verdict(first), 'good', 'nobody has asked yet')
  clock.at += PACE.freshMs
  t.equal(await verdict(first), 'ERR_JWKS_NO_MATCHING_KEY', 'a withdrawn key ends with the time for which a set is fresh')
  t.equal(await verdict(second), 'good')
  t.equal(set.generation, generation + 2)

  issuer.state.away = true
  clock.at += PACE.freshMs
  const asked = issuer.state.fetched
  for (let i = 0; i < 20; i++) t.equal(await verdict(second), 'good', 'while its issuer is away')
  t.equal(issuer.state.fetched, asked + 1, 'which is not asked each time')
  clock.at += PACE.staleMs
  t.match(await verdict(second), /cannot be had/, 'but not for ever')
  issuer.state.away = false
  t.match(await verdict(second), /cannot be had/, 'until the rest is over')
  clock.at += PACE.restMs
  t.equal(await verdict(second), 'good')
})
