import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createVault } from '../core/base/vault.ts'
import type { Loaded, Refused } from '../plugins/admission.ts'
import { offered, readConfigured } from '../plugins/load-connectors.ts'
import { lookAtAgencies } from '../plugins/operations/doctor/agencies.ts'
import { ailing, type Finding, type FindingState } from '../plugins/operations/doctor/finding.ts'
import { lookAtHost } from '../plugins/operations/doctor/host.ts'
import { lookAtSettings } from '../plugins/operations/doctor/outside.ts'
import { lookAtStores } from '../plugins/operations/doctor/stores.ts'
import { command } from './command.ts'
import type { Io } from './io.ts'
import { present, withDatabase } from './kit.ts'

const MARKS: Readonly<Record<FindingState, string>> = { ok: '正常', warn: '注意', fail: '故障', skip: '略过' }

export const doctor = command({
  usage: 'doctor',
  describe: '检查这台机器上的中枢：设置、数据库、Redis、密钥、检查点、磁盘、证书、时钟和各单位系统；有故障时以 1 退出',
  examples: [['doctor', '逐项列出，有问题的写明怎么办']],
  async run({ json }, io) {
    const settings = io.settings()
    const loaded = await readConfigured(settings)
    const outside = [...(await lookAtHost(settings)), ...(await lookAtSettings(settings)), ...loaded.refused.map(refusal)]
    const findings = [...outside, ...(await lookInside(io, loaded))]
    const count = (state: FindingState) => findings.filter((finding) => finding.state === state).length
    const lines = findings.flatMap(({ state, title, said, todo }) => [
      `${MARKS[state]}  ${title}：${said}`,
      ...(todo ? [`      ${todo}`] : []),
    ])
    const sum = `${count('fail')} 处故障，${count('warn')} 处须注意，${count('ok')} 项正常，${count('skip')} 项略过`
    present(io, json, { fail: count('fail'), warn: count('warn'), findings }, [...lines, sum])
    return count('fail') === 0 ? 0 : 1
  },
})

/** One that the hub leaves out; why says the command that looks at it alone. */
function refusal({ id, said }: Refused): Finding {
  const subject = { id: `connector:${id}`, title: `连接器 ${id}` }
  return ailing(subject, 'fail', `${said}，中枢不启用它`, `请执行 hub connector check ${id}`)
}

async function lookInside(io: Io, { declarations, internal }: Loaded): Promise<Finding[]> {
  const settings = io.settings()
  // A look leaves no database behind.
  if (settings.DATABASE_URL === '' && !existsSync(join(settings.DATA_DIR, 'hub.sqlite')))
    return [ailing({ id: 'database', title: '数据库' }, 'fail', '还没有内嵌数据库', '请启动中枢，或用 DATABASE_URL 指明一个')]
  const vault = createVault(settings.keys)
  const connectors = offered([...declarations, ...internal], settings)
  return withDatabase(io, async (database) => [
    ...(await lookAtStores(settings, database, vault)),
    ...(await lookAtAgencies({ settings, database, vault }, connectors)),
  ])
}
