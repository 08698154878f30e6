-- What went wrong at one webhook, without a walk through all that arrived there. A delivery that arrives at once is never in it.
CREATE INDEX delivery_trouble_of_webhook ON delivery (webhook, outcome, id) WHERE outcome <> 'delivered';
