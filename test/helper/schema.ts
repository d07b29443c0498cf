export { type Column, inOrder, readSchema } from '../../plugins/store/schema.ts'
