import { version } from '../config/version.ts'
import { beijing } from '../core/base/time.ts'
import { inForce, render, type Shown } from '../plugins/operations/assessment/pack.ts'
import { points } from '../plugins/operations/assessment/points.ts'
import { takeSample } from '../plugins/operations/assessment/samples.ts'
import { command } from './command.ts'
import { present, withStore } from './kit.ts'

export const evidence = command({
  usage: 'evidence',
  describe: '等保三级测评材料（Markdown）：应用层面的每一点怎么做到、现行配置、测试、取自系统的实例，以及留给运营方的',
  examples: [['evidence > 测评材料.md', '存成文件']],
  run: ({ json }, io) =>
    withStore(io, async ({ database, vault }) => {
      const settings = io.settings()
      const shown: Shown[] = []
      for (const { samples = [], tests = [], settings: names, ...point } of points) {
        const taken = await Promise.all(samples.map((name) => takeSample(name, { settings, database, vault })))
        shown.push({ ...point, settings: inForce(names, settings), tests, samples: taken.flat() })
      }
      const at = beijing(Date.now())
      present(io, json, { version, at, points: shown }, render(shown, { version, at }))
      return 0
    }),
})
