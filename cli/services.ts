import { listServices } from '../plugins/catalog.ts'
import { checkDeclarations, DeclarationError } from '../plugins/declarations/check.ts'
import { kinds } from '../plugins/kinds/index.ts'
import { loadConnectors, offered } from '../plugins/load-connectors.ts'
import { command } from './command.ts'

export const services = command({
  usage: 'services',
  describe: '以 JSON 数组列出全部服务（有没有 --json 都一样）',
  async run(_args, io) {
    const connectors = offered(await loadConnectors(), io.settings())
    const violations = checkDeclarations(connectors, kinds)
    if (violations.length > 0) throw new DeclarationError(violations)
    io.out(JSON.stringify(listServices(connectors)))
    return 0
  },
})
