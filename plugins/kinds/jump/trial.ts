import type { KindCheck, Trial, TrialAnswer } from '../trial.ts'

const SEAL = /name="seal" value="([^"]+)"/
const ONWARD = /http-equiv="refresh" content="0;url=([^"]+)"|<form method="post" action="(https?:[^"]+)"/
const ID_NUMBER = /\d{17}[\dXx]/

/** One way there: asked once, gone once, without a token or a number in any address. */
export const jumpTrial: KindCheck = {
  id: 'jumps',
  title: '打开对方页面前询问一次，链接只能用一次，地址里没有令牌和证件号码',
  tier: 'silver',
  none: '没有打开对方页面的服务',
  async run({ service: { connector, contract }, inputs, send }) {
    const { id } = contract
    /** Of a page for everybody: its address says nothing of anybody. */
    const openPage = async () => {
      const shown = await send({ method: 'POST', url: `/v1/${connector.id}/${id}`, body: inputs })
      const { url } = openingIn(shown) ?? { url: '' }
      return shown.status === 200 && new URL(url).search === '' ? [] : [`${id}：${shown.words}`]
    }
    if (contract.jump?.handOver.by === 'none') return openPage()
    const start = () => send({ method: 'POST', url: `/v1/${connector.id}/${id}`, body: inputs })
    const first = await start()
    const opening = openingIn(first)
    if (first.status !== 201 || !opening) return [`${id}：${first.words}`]
    const at = new URL(opening.url)
    const opened = await send({ url: at.pathname + at.search })
    const left = opened.status === 303 ? await agree(opened, send) : opened
    const onward = ONWARD.exec(left.text)?.slice(1).find(Boolean)
    const again = await send({ url: at.pathname + at.search })
    const second = openingIn(await start())
    return [
      ...(onward ? [] : [`${id}：没有前往对方的页面：${left.words}`]),
      ...(onward && (ID_NUMBER.test(onward) || onward.includes('access_token')) ? [`${id}：地址里有证件号码或者令牌`] : []),
      ...(again.status === 410 ? [] : [`${id}：链接可以用第二次`]),
      ...(second?.asks === false ? [] : [`${id}：同意之后又询问`]),
    ]
  },
}

/** Reads the question's page in the browser that was let in, and says yes. */
async function agree(opened: TrialAnswer, send: Trial['send']): Promise<TrialAnswer> {
  const cookie = String(opened.headers['set-cookie'] ?? '').split(';', 1)[0] ?? ''
  const url = String(opened.headers['location'] ?? '')
  const question = await send({ url, headers: { cookie } })
  const seal = SEAL.exec(question.text)?.[1]
  if (!seal) return question
  return send({ method: 'POST', url, headers: { cookie }, form: { seal, decision: 'allow' } })
}

function openingIn({ json }: TrialAnswer): { url: string; asks: boolean } | undefined {
  return json['data'] as { url: string; asks: boolean } | undefined
}
