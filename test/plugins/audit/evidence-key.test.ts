import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import evidencePlugin from '../../../plugins/audit/evidence.ts'
import { newEvidenceKey, readEvidenceKey } from '../../../plugins/audit/evidence-key.ts'
import { openHeadsPlace } from '../../../plugins/audit/open-heads.ts'
import { readWitness } from '../../../plugins/audit/witness.ts'
import { entry, place } from '../../helper/audit-log.ts'
import { type Target, targets } from '../../helper/targets.ts'

t.test('the key of checkpoints is changed while two processes run', async (t) => {
  const { database, open } = await place(t, targets[0] as Target)
  const dir = t.testdir()
  const [path, heads] = [join(dir, 'evidence.key'), `file:${join(dir, 'heads.ndjson')}`]
  const [first, next] = [newEvidenceKey(), newEvidenceKey()]
  const [old, fresh] = [readEvidenceKey(first), readEvidenceKey(next)]
  const put = (text: string) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  put(first)
  const said: unknown[] = []
  const started = await Promise.all(
    [1, 2].map(async () => {
      const app = Fastify()
      t.teardown(() => app.close())
      const settings = { AUDIT_HEADS: heads, AUDIT_KEY_FILE: path, DATA_DIR: dir }
      app.register(fp(async (app) => void app.decorate('database', database), { name: 'database' }))
      app.register(fp(async (app) => void app.decorate('settings', settings as typeof app.settings), { name: 'settings' }))
      Object.assign(app.log, { error: (...words: unknown[]) => void said.push(words) })
      await app.register(evidencePlugin)
      await app.ready()
      return app.evidence
    }),
  )
  const [one, other] = started as [(typeof started)[0], (typeof started)[0]]
  const log = await open()
  const line = async (of: typeof one) => {
    await log.write(entry())
    await of.write()
  }
  const witness = async (keys: Parameters<typeof readWitness>[1]['keys']) => {
    const at = openHeadsPlace(heads)
    const { lines, faults } = await readWitness(at.lines(), { keys })
    await at.close()
    return { lines, faults: faults.length }
  }

  await line(one)
  const before = await witness([old])
  t.equal(before.faults, 0)
  put(next + old.pem)
  for (const each of [other, one, other]) await line(each)
  t.same(await witness([fresh, old]), { lines: before.lines + 3, faults: 0 }, 'one chain of lines')
  t.ok((await witness([old])).faults > 0, 'whose last are of the new key')
  t.same(said, [])

  put('half a file')
  await line(one)
  t.equal(one.state.healthy, true)
  t.match(JSON.stringify(said), '沿用原来的')
  t.same(await witness([fresh, old]), { lines: before.lines + 4, faults: 0 })
  put(next)
})
