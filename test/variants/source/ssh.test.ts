import { byAddress } from '../../contract/by-address'
import { variant } from '../../contract/contract'
import { fromSource } from '../../support/source'

fromSource()
variant(byAddress())
