import t from 'tap'
import museum from '../../../../connectors/science-museum/index.ts'
import { bindAccounts } from '../../../helper/accounts.ts'
import { enter, listen, send, words } from '../../../helper/hall.ts'
import { build } from '../../../helper/hub.ts'

t.test('a visit is booked on the pages, its code shown, and given back', async (t) => {
  const hub = await build(t, { declarations: [museum] })
  const origin = await listen(hub)
  await bindAccounts(hub, [museum])
  const mine = await enter(hub, origin)
  const person2 = await enter(hub, origin, { person: 2 })

  const form = await mine.open('/hall/science-museum/booking-create')
  t.match(words(form), /参观日期.*请选择.*观众信息/, 'slots and visitors are there to choose from')
  const slots = [...form.text.matchAll(/<option value="(\d{8}-\d)"/g)].map(([, slot = '']) => slot)
  const [visitor = ''] = [...form.text.matchAll(/name="visitors" value="([^"]+)"/g)].map(([, id = '']) => id)
  const slot = slots.at(-1) ?? ''
  const day = `${slot.slice(0, 4)}-${slot.slice(4, 6)}-${slot.slice(6, 8)}`
  t.ok(visitor && slot, `${slots.length} slots`)
  const lacking = await send(mine, form, { visitDate: day, timeSlot: slot })
  t.equal(lacking.status, 400, 'somebody has to come')
  const made = await send(mine, form, { visitDate: day, timeSlot: slot, visitors: [visitor] })
  t.equal(made.status, 303, words(made))

  const kept = await mine.open(made.location ?? '')
  t.match(words(kept), /已预约.*可取消的截止时间 \d{4}-\d\d-\d\d \d\d:\d\d .*展码：贾\*.*取消预约/)
  t.equal((await person2.open(made.location ?? '')).status, 404, 'not another’s')
  const [, seat = ''] = /deed=(booking-qr-code\.[\w-]+)/.exec(kept.text) ?? []
  const code = await send(mine, kept, {}, { action: `deed=${seat}` })
  t.match(code.text, /<img class="code" src="data:image\/png;base64,/)
  t.match(code.headers.get('content-security-policy'), /img-src data:/)
  t.equal((await send(mine, kept, {}, { action: 'deed=booking-cancel' })).status, 303)
  t.match(words(await mine.open(made.location ?? '')), /已取消/)
  t.equal((await mine.open('/hall/science-museum/booking-cancel')).location, `${origin}/hall/science-museum/booking-create`)
})
