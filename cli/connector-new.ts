import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CODE } from '../core/base/code.ts'
import { ID, RESERVED_CONNECTORS } from '../plugins/declarations/check.ts'
import { command } from './command.ts'
import { present } from './kit.ts'
import { dialects, USUAL } from './scaffold/dialects.ts'
import { folderOf } from './scaffold/folder.ts'
import { introduce } from './scaffold/introduce.ts'
import { UsageError } from './usage.ts'

const CONNECTORS = fileURLToPath(new URL('../connectors/', import.meta.url))

export const newConnector = command({
  usage: 'new <id>',
  describe: '新建一个连接器的文件夹，马上能启动、能检验；在终端里逐项询问没有写明的',
  examples: [
    ['connector new library', '逐项询问'],
    ['connector new library --name 图书馆 --agency 许昌市图书馆 --dialect api-key --yes', '不询问'],
  ],
  options: (own) =>
    own
      .positional('id', { type: 'string', demandOption: true, describe: '文件夹名，也是路由的一段（/v1/<id>/…）：小写字母、数字和 -' })
      .option('name', { type: 'string', describe: '市民看到的名称，如 图书馆' })
      .option('agency', { type: 'string', describe: '单位全称，如 许昌市图书馆' })
      .option('dialect', { choices: dialects.map(({ name }) => name), describe: `对方系统的认证方式（不询问时为 ${USUAL}）` })
      .option('section', { type: 'string', describe: '合同条款号，如 1.4.12' })
      .option('yes', { type: 'boolean', default: false, describe: '不询问，没有写明的取默认值' }),
  async run({ id, name, agency, dialect, section, yes, json }, io) {
    const folder = freeFolder(id)
    const newcomer = await introduce(id, { name, agency, dialect, section }, yes || json ? null : io.interview)
    const files = folderOf(newcomer)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text, { flag: 'wx' })
    }
    const written = Object.keys(files).map((path) => `connectors/${id}/${path}`)
    present(io, json, { ...newcomer, files: written }, [...written, '', ...nextSteps(id)])
    return 0
  },
})

/** → the folder that the connector will have. */
function freeFolder(id: string): string {
  if (CODE !== '.ts') throw new UsageError('这里只有编译过的代码：请在源代码的文件夹里新建连接器')
  if (!ID.test(id)) throw new UsageError(`连接器的编号只能是小写字母、数字和 -，以字母开头：${id}`)
  if (RESERVED_CONNECTORS.has(id)) throw new UsageError(`/v1/${id} 是中枢自己的路由，请换一个编号`)
  const folder = join(CONNECTORS, id)
  if (existsSync(folder)) throw new UsageError(`已有 connectors/${id}，没有改动它`)
  return folder
}

function nextSteps(id: string): string[] {
  return [
    '下一步：',
    `  1. npm run --silent hub -- connector check ${id}    检验并评级`,
    `  2. 照对方的接口文档改 index.ts 和 codes.ts，照合同改 promise.json；写法见 docs/connectors.md`,
    `  3. 要向对方确认的，记在 README.md 的 “To be confirmed with the agency” 一节`,
  ]
}
