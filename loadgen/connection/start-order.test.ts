import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { StartOrder, type Ordered } from './start-order.js';

class Item implements Ordered<Item> {
  older: Item | undefined;
  newer: Item | undefined;
  isOrdered = false;
}

describe('StartOrder', () => {
  it('behaves like an array with removal from anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(20))), (removals) => {
        const order = new StartOrder<Item>();
        const model: Item[] = [];
        for (const removal of removals) {
          if (removal === null || model.length === 0) {
            const item = new Item();
            order.append(item);
            model.push(item);
          } else {
            const [removed] = model.splice(removal % model.length, 1);
            if (removed === undefined) assert.fail('the model is not empty');
            order.remove(removed);
            order.remove(removed);
          }
          assert.equal(order.size, model.length);
          assert.equal(order.oldest, model[0]);
        }
        for (const item of model) {
          assert.equal(order.oldest, item);
          order.remove(item);
        }
        assert.equal(order.oldest, undefined);
      }),
    );
  });
});
