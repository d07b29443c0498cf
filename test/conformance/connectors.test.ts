import t from 'tap'
import { proveConnectors } from '../helper/prove-connectors.ts'

await proveConnectors(t, 0)
