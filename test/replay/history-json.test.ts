import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, test } from 'vitest';

/**
 * A plain install nests several copies of protobufjs, and then no history can be written as JSON: "type must be a Type".
 * That is why package.json names protobufjs although nothing of ours imports it.
 */
test('histories can be written as JSON and read again', () => {
  const events = [
    {
      eventId: '1',
      eventTime: '2026-01-01T12:00:00Z',
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_STARTED',
      workflowExecutionStartedEventAttributes: { workflowType: { name: 'conversation' }, attempt: 1 },
    },
  ];
  const text = historyToJSON(historyFromJSON({ events }));
  expect(JSON.parse(text)).toEqual({ events });
  expect(historyToJSON(historyFromJSON(JSON.parse(text)))).toBe(text);
});
