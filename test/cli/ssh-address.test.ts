import { byAddress } from '../contract/by-address'
import { contract } from '../contract/contract'

contract(byAddress())
