import { readFileSync } from 'node:fs'
import t from 'tap'
import { generateDocuments } from '../../docs/generate.ts'

t.test('documents that follow from the code are up to date (npm run docs)', async (t) => {
  for (const [path, text] of Object.entries(await generateDocuments())) {
    t.equal(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), text, path)
  }
})

t.test('the two READMEs have the same parts and the same commands', async (t) => {
  const [english, chinese] = ['README.md', 'README.zh-CN.md'].map((path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
  const headings = (text = '') => text.match(/^## /gm)?.length
  const code = (text = '') => text.match(/```sh\n[^`]+```/g)
  t.equal(headings(chinese), headings(english))
  t.same(code(chinese), code(english))
})
