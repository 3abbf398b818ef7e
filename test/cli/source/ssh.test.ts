import { fromSource } from '../../support/source'
import { byAddress } from '../contract/by-address'
import { contract } from '../contract/contract'

fromSource()
contract(byAddress())
