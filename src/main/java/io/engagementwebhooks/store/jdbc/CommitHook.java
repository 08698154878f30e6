package io.engagementwebhooks.store.jdbc;

import io.engagementwebhooks.ledger.FatalErrors;
import io.engagementwebhooks.store.CommitListener;
import io.engagementwebhooks.store.CommitListener.Ended;
import io.engagementwebhooks.store.CommitListener.Stored;
import io.engagementwebhooks.store.accept.AcceptBatch;
import io.engagementwebhooks.store.accept.Accepted;
import io.engagementwebhooks.store.accept.FanOut;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.OutcomeBatch;
import io.engagementwebhooks.store.outcome.Recorded;
import io.engagementwebhooks.webhook.WebhookId;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reports the parts of a group to the store's {@link CommitListener}. Thread-safe. */
public final class CommitHook {

    private static final Logger LOG = LoggerFactory.getLogger(CommitHook.class);

    private volatile CommitListener listener = CommitListener.NONE;

    public void listen(CommitListener to) {
        listener = to;
    }

    void writing(List<GroupWriter.Part<?>> parts) {
        List<Intake> intakes = intakes(parts);
        if (!intakes.isEmpty()) {
            guarded(() -> listener.storing(intakes));
        }
    }

    void committed(List<GroupWriter.Part<?>> parts) {
        List<Stored> stored = new ArrayList<>();
        List<Ended> ended = new ArrayList<>();
        for (GroupWriter.Part<?> part : parts) {
            if (part instanceof AcceptBatch.Part accept) {
                List<Accepted> answers = accept.resultOrNull();
                for (int i = 0; i < accept.intakes().size(); i++) {
                    stored.add(stored(accept.intakes().get(i), answers == null ? null : answers.get(i)));
                }
            } else if (part instanceof FanOut.Part last && last.isLast()) {
                FanOut.Progress after = last.resultOrNull();
                stored.add(stored(last.intake(), after == null ? null : after.accepted()));
            } else if (part instanceof OutcomeBatch.Part outcome && outcome.resultOrNull() != null) {
                ended.add(ended(outcome.result(), outcome.resultOrNull()));
            }
        }
        if (!stored.isEmpty() || !ended.isEmpty()) {
            guarded(() -> listener.committed(stored, ended));
        }
    }

    private static Stored stored(Intake intake, Accepted answer) {
        return new Stored(intake, answer == null || answer.duplicate() ? null : answer);
    }

    private static Ended ended(AttemptResult result, Recorded recorded) {
        if (!recorded.hasChanged()) {
            return new Ended(result.withoutConsequences(), recorded);
        }
        return new Ended(
                recorded.disableReason() == null ? result : result.withDisableReason(recorded.disableReason()),
                recorded);
    }

    public void canceled(WebhookId webhook, List<String> deliveries) {
        guarded(() -> listener.canceled(webhook, deliveries));
    }

    void rolledBack(List<GroupWriter.Part<?>> parts) {
        List<Intake> intakes = intakes(parts);
        if (!intakes.isEmpty()) {
            guarded(() -> listener.notStored(intakes));
        }
    }

    private static List<Intake> intakes(List<GroupWriter.Part<?>> parts) {
        List<Intake> intakes = new ArrayList<>();
        for (GroupWriter.Part<?> part : parts) {
            if (part instanceof AcceptBatch.Part accept) {
                intakes.addAll(accept.intakes());
            } else if (part instanceof FanOut.Part last && last.isLast()) {
                intakes.add(last.intake());
            }
        }
        return intakes;
    }

    /** A failing listener cannot undo a commit. */
    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.check(e);
            LOG.error("commit.listener-failed", e);
        }
    }
}
