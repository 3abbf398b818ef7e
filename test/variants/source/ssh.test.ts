import { byAddress } from '../../contract/by-address'
import { contract } from '../../contract/contract'
import { fromSource } from '../../support/source'

fromSource()
contract(byAddress())
