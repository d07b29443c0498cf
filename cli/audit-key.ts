import { evidenceKey } from '../plugins/audit/evidence.ts'
import { command } from './command.ts'
import { present } from './kit.ts'

export const key = command({
  usage: 'key',
  describe: '显示签署检查点和归档所用密钥的公钥，交给要独立校验的人',
  async run({ json }, io) {
    const { id, algorithm, pem, former } = evidenceKey(io.settings())
    present(io, json, { id, algorithm, publicKey: pem, former: former.map((each) => each.pem) }, [
      pem.trim(),
      ...former.map((each) => each.pem.trim()),
    ])
    return 0
  },
})
