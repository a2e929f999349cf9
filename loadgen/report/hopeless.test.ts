import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hintAtLosses } from './hopeless.js';

const lost = { connections_lost_total: 100, errors: { lost: 100 }, error_details: {} };

describe('hintAtLosses()', () => {
  it('takes losses at one age for a time limit', () => {
    assert.match(hintAtLosses({ ...lost, lost_ages_s: { '3.0': 100 } }) ?? '', /a time limit/);
  });

  it('asks for the server where others were refused, whatever the age of what was lost', () => {
    const killed = { ...lost, errors: { lost: 100, refused: 20 }, lost_ages_s: { '0.5': 100 } };
    assert.equal(hintAtLosses(killed), 'is the server still running?');
  });

  it('says that the server has closed what it has closed at once', () => {
    const closed = {
      ...lost,
      error_details: { 'lost: closed with 1011': 100 },
      lost_ages_s: { '0.1': 100 },
    };
    assert.equal(hintAtLosses(closed), 'the server closed them itself');
  });

  it('says nothing of losses at all ages', () => {
    const ages = Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8, 9].map((age) => [`${age}.0`, 11]));
    assert.equal(hintAtLosses({ ...lost, lost_ages_s: ages }), undefined);
  });
});
