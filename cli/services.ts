import { listServices } from '../plugins/catalog.ts'
import { offered, readConfigured } from '../plugins/load-connectors.ts'
import { command } from './command.ts'

export const services = command({
  usage: 'services',
  describe: '以 JSON 数组列出全部服务（有没有 --json 都一样）',
  async run(_args, io) {
    const { declarations, refused } = await readConfigured(io.settings())
    for (const { source, said, reasons } of refused) io.err(`${source} 没有启用：${said}（${reasons.join('; ')}）`)
    io.out(JSON.stringify(listServices(offered(declarations, io.settings()))))
    return 0
  },
})
