-- where the event belongs in a trace, as its sender told by 'traceparent'; null: it did not, or nobody asked
ALTER TABLE event ADD COLUMN trace text;
