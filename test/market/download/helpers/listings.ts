import { LISTED } from './traded.ts';

export const KRAKEN_PAIR = {
  ...{
    altname: 'XBTUSD',
    wsname: 'XBT/USD',
    aclass_base: 'currency',
    base: 'XXBT',
    aclass_quote: 'currency',
    quote: 'ZUSD',
  },
  ...{ pair_decimals: 1, lot_decimals: 8, lot_multiplier: 1, leverage_buy: [2, 3], leverage_sell: [2, 3] },
  ...{ fees: [[0, 0.4]], fees_maker: [[0, 0.25]], ordermin: '0.00005', costmin: '0.5', status: 'online' },
};
export const BITSTAMP_MARKET = {
  ...{
    name: 'BTC/USD',
    market_symbol: 'btcusd',
    base_currency: 'BTC',
    base_decimals: 8,
    counter_currency: 'USD',
    counter_decimals: 0,
  },
  ...{ minimum_order_value: '10', trading: 'Enabled', description: 'Bitcoin / U.S. dollar', market_type: 'SPOT' },
};
export const COINBASE_PRODUCT = {
  ...{
    product_id: 'BTC-USD',
    price: '60000',
    base_increment: '0.00000001',
    quote_increment: '0.01',
    quote_min_size: '1',
  },
  ...{
    quote_max_size: '150000000',
    base_min_size: '0.00000001',
    base_max_size: '3400',
    base_name: 'Bitcoin',
    status: 'online',
  },
  ...{
    trading_disabled: false,
    product_type: 'SPOT',
    quote_currency_id: 'USD',
    base_currency_id: 'BTC',
    alias: '',
    alias_to: [],
  },
  ...{ base_display_symbol: 'BTC', quote_display_symbol: 'USD', price_increment: '0.01', display_name: 'BTC-USD' },
};
export const OKX_INSTRUMENTS = [
  {
    ...{
      instType: 'SPOT',
      instId: 'BTC-USDT',
      baseCcy: 'BTC',
      quoteCcy: 'USDT',
      settleCcy: '',
      uly: '',
      ctType: '',
      ctVal: '',
    },
    ...{ lever: '10', listTime: String(LISTED), lotSz: '0.00000001', minSz: '0.00001', state: 'live', tickSz: '0.1' },
  },
  {
    ...{
      instType: 'SWAP',
      instId: 'BTC-USDT-SWAP',
      baseCcy: '',
      quoteCcy: '',
      settleCcy: 'USDT',
      uly: 'BTC-USDT',
      ctType: 'linear',
    },
    ...{
      ctVal: '0.01',
      ctMult: '1',
      ctValCcy: 'BTC',
      lever: '100',
      listTime: String(LISTED),
      lotSz: '0.01',
      minSz: '0.01',
    },
    ...{ state: 'live', tickSz: '0.1' },
  },
];
export const BYBIT_INSTRUMENTS: Record<string, unknown[]> = {
  spot: [
    {
      ...{ symbol: 'BTCUSDT', baseCoin: 'BTC', quoteCoin: 'USDT', status: 'Trading', marginTrading: 'both' },
      lotSizeFilter: {
        basePrecision: '0.000001',
        quotePrecision: '0.00000001',
        minOrderQty: '0.00004',
        maxOrderQty: '63',
      },
      priceFilter: { tickSize: '0.01' },
    },
  ],
  linear: [
    {
      ...{ symbol: 'BTCUSDT', contractType: 'LinearPerpetual', status: 'Trading', baseCoin: 'BTC', quoteCoin: 'USDT' },
      ...{ launchTime: String(LISTED), deliveryTime: '0', priceScale: '2', fundingInterval: 480, settleCoin: 'USDT' },
      leverageFilter: { minLeverage: '1', maxLeverage: '100.00', leverageStep: '0.01' },
      priceFilter: { minPrice: '0.50', maxPrice: '999999.00', tickSize: '0.50' },
      lotSizeFilter: { maxOrderQty: '100.000', minOrderQty: '0.001', qtyStep: '0.001' },
    },
  ],
};
