import { writeFileSync } from 'node:fs'
import { version } from '../config/version.ts'
import { beijing } from '../core/base/time.ts'
import { command, group, progress } from './command.ts'
import { present, reporter } from './kit.ts'
import { UsageError } from './usage.ts'
import { readCredentials } from './verify/credentials.ts'
import { readDescription } from './verify/description.ts'
import { subjectOf } from './verify/from-connector.ts'
import type { Listening } from './verify/listener.ts'
import { asMarkdown, asText, count } from './verify/report.ts'
import { verifyAgency } from './verify/verify.ts'

const verify = command({
  usage: 'verify [file]',
  describe: '部门自验：照中枢的方式调用自己的接口，逐项检查连接、签名、防重放、答复和分页；不需要中枢的数据库，凭据不写在命令行里',
  examples: [
    ['agency verify service.json --credentials secret.json', '按说明文件验一项服务（说明的写法见 docs/agencies.md）'],
    ['agency verify service.json --credentials secret.json --write --report 自验报告.md', '连同办理一次测试业务，并写成报告'],
    ['agency verify service.json --credentials secret.json --write --listen 3900', '办理之后在 3900 端口等测试系统的回调'],
    ['agency verify --connector water --service account --address https://test.example --subject tester.json', '按连接器的声明验'],
  ],
  options: (own) =>
    own
      .positional('file', { type: 'string', describe: '说明文件（JSON）：地址、方言、参数、约定的字段' })
      .option('credentials', { type: 'string', describe: 'JSON 文件，凭据的名称和值；没有写的取环境变量 HUB_AGENCY_…' })
      .option('write', { type: 'boolean', default: false, describe: '也验办理：会在对方系统里办理说明中的测试业务' })
      .option('listen', {
        type: 'string',
        describe: '也验回调：在本机这个端口上等待测试系统的通知，写成 3900 或 0.0.0.0:3900；测试系统的回调地址请改成这里',
      })
      .option('wait', { type: 'number', default: 120, describe: '最多等回调多少秒' })
      .option('report', { type: 'string', describe: '把结果另写成一个 Markdown 文件，可以交给中枢' })
      .option('connector', { type: 'string', describe: '不用说明文件，取这个连接器的声明' })
      .option('service', { type: 'string', describe: '连接器的哪项服务，须是查询类的' })
      .option('address', { type: 'string', describe: '与 --connector 同用：接口的地址' })
      .option('subject', { type: 'string', describe: '与 --connector 同用：JSON 文件，有记录的测试人员 {"name":"…","idNumber":"…"}' })
      .option('unknown', { type: 'string', describe: '与 --connector 同用：JSON 文件，没有记录的测试人员' })
      .option('input', { type: 'string', array: true, default: [] as string[], describe: '与 --connector 同用：名称=值，可写多次' })
      .option('sid', { type: 'string', describe: '与 --connector 同用：服务在对方的编号' })
      .option('file-number', { type: 'string', describe: '与 --connector 同用：有记录的测试人员的一个文件编号，验文件' })
      .option('day', { type: 'string', describe: '与 --connector 同用：有销账的一天 YYYY-MM-DD，验对账' })
      .conflicts('file', 'connector')
      .implies({ connector: ['service', 'address'] })
      .option('progress', progress),
  async run({ json, file, credentials: secrets, write, listen, wait, report: place, progress, connector, service, address, ...own }, io) {
    if ((file === undefined) === (connector === undefined)) throw new UsageError('请写明说明文件，或 --connector')
    const subject =
      file !== undefined
        ? readDescription(file)
        : await subjectOf(io, { connector: connector ?? '', service: service ?? '', address: addressIn(address), ...own })
    const listening = listen === undefined ? null : listeningAt(listen, wait)
    if (listening && !subject.callback) throw new UsageError('--listen 是验回调的：请在说明里写 callback')
    const credentials = readCredentials(subject, { file: secrets, env: process.env, listens: listening !== null })
    const findings = await verifyAgency({ subject, credentials, write, listening, report: reporter(io, progress) })
    if (place !== undefined) writeFileSync(place, asMarkdown(findings, { subject, version, at: beijing(Date.now()) }))
    present(io, json, { service: subject.name, dialect: subject.dialect.name, ...count(findings), findings }, asText(findings))
    return findings.some(({ verdict }) => verdict === 'failed') ? 1 : 0
  },
})

function addressIn(given = ''): string {
  if (URL.canParse(given) && /^https?:/.test(given)) return given
  throw new UsageError(`--address 须是 http 或 https 地址：${given}`)
}

function listeningAt(text: string, wait: number): Listening {
  const [, host = '127.0.0.1', port = ''] = /^(?:([0-9a-z.-]+|\[[0-9a-f:]+\]):)?(\d{1,5})$/i.exec(text) ?? []
  if (port === '' || Number(port) < 1 || Number(port) > 65_535) throw new UsageError(`--listen 须是端口，或 地址:端口：${text}`)
  if (!(wait >= 1 && wait <= 3600)) throw new UsageError(`--wait 须在 1 到 3600 秒之间：${wait}`)
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port), waitMs: wait * 1000 }
}

export const agency = group('agency', '部门自己运行的工具', [verify])
