import t from 'tap'
import { assertDeliveryMove } from '../../../plugins/messages/delivery-states.ts'
import { afterQuiet } from '../../../plugins/messages/quiet-hours.ts'
import { daysUntil, nextLook } from '../../../plugins/messages/subscription-times.ts'
import { isUrgent, type TemplateName, templates, write } from '../../../plugins/messages/templates.ts'

const at = (time: string) => Date.parse(`${time}+08:00`)

t.test('quiet hours go over midnight, by the clock of Beijing', async (t) => {
  for (const [sent, hours, due] of [
    ['2026-03-01T21:59:59', '22:00-08:00', '2026-03-01T21:59:59'],
    ['2026-03-01T22:00:00', '22:00-08:00', '2026-03-02T08:00:00'],
    ['2026-03-01T23:59:30', '22:00-08:00', '2026-03-02T08:00:00'],
    ['2026-03-02T00:00:00', '22:00-08:00', '2026-03-02T08:00:00'],
    ['2026-03-02T07:59:59', '22:00-08:00', '2026-03-02T08:00:00'],
    ['2026-03-02T08:00:00', '22:00-08:00', '2026-03-02T08:00:00'],
    ['2026-12-31T23:30:00', '22:00-08:00', '2027-01-01T08:00:00'],
    ['2026-03-01T12:30:00', '12:00-13:00', '2026-03-01T13:00:00'],
    ['2026-03-01T13:00:00', '12:00-13:00', '2026-03-01T13:00:00'],
    ['2026-03-01T03:00:00', '', '2026-03-01T03:00:00'],
    ['2026-03-01T03:00:00', '08:00-08:00', '2026-03-01T03:00:00'],
  ] as const)
    t.equal(afterQuiet(at(sent), hours), at(due), `${sent} ${hours}`)
})

t.test('each subscription has its own minute of the day, and the same every day', async (t) => {
  const now = at('2026-03-01T23:59:00')
  const looks = ['00000001', '7fffffff', 'ffffffff', '12345678'].map((start) => nextLook(now, `${start}-0000-4000-8000-000000000000`))
  for (const look of looks) {
    t.ok(look >= at('2026-03-02T08:00:00') && look < at('2026-03-02T20:00:00'), String(look))
  }
  t.equal(new Set(looks).size, looks.length)
  t.equal(nextLook(looks[0] ?? 0, '00000001-0000-4000-8000-000000000000'), (looks[0] ?? 0) + 86_400_000)
  t.equal(daysUntil('2026-03-02', now), 1)
  t.equal(daysUntil('2026-03-01', now), 0)
  t.equal(daysUntil('2026-02-28', now), -1)
})

t.test('facts are text: no line, header, field or template comes out of them', async (t) => {
  const nasty = '甲{state}\r\nBcc: a@b.example\u2028\u202e{service}\u0000'
  const { title, body, short } = write('decision', {
    service: nasty,
    agency: nasty,
    state: nasty,
    remarks: nasty,
    deadline: nasty,
    about: nasty,
  })
  for (const words of [title, body, short]) {
    t.notMatch(words, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    t.match(words, '甲{state} Bcc', 'filled in once, and not again')
  }
  t.ok([...write('filing', { state: '长'.repeat(5000) }).short].length < 300)
  t.match(write('filing', {}).body, '“”', 'what is not there is left out')
})

t.test('what leaves the hub names neither reason nor number nor amount', async (t) => {
  const kept = ['remarks', 'about', 'client', 'scopes', 'holder', 'until', 'field', 'reason']
  for (const [name, { title, short }] of Object.entries(templates))
    for (const fact of kept) t.notMatch(title + short, `{${fact}}`, `${name} ${fact}`)
  t.ok(isUrgent('account-locked-out'))
  t.notOk(isUrgent('filing' satisfies TemplateName))
})

t.test('a delivery walks by its states', async (t) => {
  t.doesNotThrow(() => assertDeliveryMove('failed', 'waiting'))
  t.throws(() => assertDeliveryMove('sent', 'waiting'))
  t.throws(() => assertDeliveryMove('limited', 'sent'))
})
