import { CODE } from '../core/base/code.ts'
import { command } from './command.ts'
import { developHub } from './develop/hub.ts'
import { UsageError } from './usage.ts'

export const dev = command({
  usage: 'dev',
  describe: '带着沙箱启动中枢，改了文件就重新启动，说明启用了什么；出错的连接器说明原因，其余照常（Ctrl+C 结束；端口被占用时自行结束）',
  examples: [['dev', '地址和取令牌的命令会显示出来']],
  async run(_args, io) {
    if (CODE !== '.ts') throw new UsageError('这里只有编译过的代码：请在源代码的文件夹里使用')
    if (!io.settings().sandbox) throw new UsageError('沙箱没有开启：hub dev 只用于开发')
    return developHub(io)
  },
})
