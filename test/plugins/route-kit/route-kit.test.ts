import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type InputOf, paging, part } from '../../../plugins/route-kit/part.ts'

t.test('no route casts a part of its request: the schema that let it pass says what it is', async (t) => {
  const root = new URL('../../../plugins/', import.meta.url)
  const casting = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('route-kit/'))
    .filter((path) => /request\.(params|query|body)( \?\? \{\}\))?\)? as\b/.test(readFileSync(new URL(path, root), 'utf8')))
  t.strictSame(casting, [])
})

t.test('what is required or has a default is there, the rest may be left out', async (t) => {
  const properties = { ...paging, name: part.text('姓名'), state: part.choice('状态', { on: '开', off: '关' }) }
  type Given = InputOf<typeof properties, 'name'>
  const given: Given = { page: 1, pageSize: 20, name: '张三', state: 'on' }
  t.ok(given)
  // @ts-expect-error: the name is required
  const nameless: Given = { page: 1, pageSize: 20 }
  // @ts-expect-error: nobody knows that state
  const strange: Given = { ...given, state: 'broken' }
  t.ok(nameless && strange)
  t.match(part.input(properties, ['name']), { required: ['name'], additionalProperties: false })
})
