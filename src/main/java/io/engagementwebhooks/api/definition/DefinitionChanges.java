package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.DefinitionStore.Change;
import io.engagementwebhooks.store.definition.DefinitionStore.Changed;
import io.engagementwebhooks.store.definition.DefinitionStore.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Changes stored definitions, and follows the changes of other instances: they are in effect when a method returns.
 * Thread-safe; one change at a time.
 */
public final class DefinitionChanges {

    /** Changes in one transaction, which other writes wait for. */
    private static final int STEP = 500;

    private final Store store;
    private final StoredDefinitions made;
    private final Runnable activation;
    private final ReentrantLock lock = new ReentrantLock();

    /** Revision of the last applied change of other instances. */
    private long revision;

    /** Whether stored definitions are not in effect yet: at the start, or because applying them failed. */
    private boolean isBehind = true;

    /** Reads what is stored. @param activation builds the configuration of the definitions, and puts it into effect */
    public DefinitionChanges(Store store, StoredDefinitions made, Runnable activation) {
        this.store = store;
        this.made = made;
        this.activation = activation;
        read();
    }

    public StoredDefinitions made() {
        return made;
    }

    /** Makes changes, beginning from what all instances have committed. */
    <T> T exclusively(Supplier<T> changes) {
        lock.lock();
        try {
            read();
            return changes.get();
        } finally {
            lock.unlock();
        }
    }

    /** Puts into effect what other instances have committed, unless a change is in progress, which does it too. */
    public void follow() {
        if (lock.tryLock()) {
            try {
                read();
                activate();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Reads what other instances have committed. */
    void read() {
        DefinitionStore.Since since = store.definitions().since(revision);
        if (since.revision() == revision) {
            return;
        }
        List<Changed> news =
                since.changes().stream().filter(change -> !made.holds(change)).toList();
        isBehind |= made.files(store.settings().setting(StoredDefinitions.FILES)) || !news.isEmpty();
        made.changed(news);
        revision = since.revision();
    }

    /** Puts committed changes into effect. */
    void activate() {
        if (isBehind) {
            activation.run();
            isBehind = false;
        }
    }

    /**
     * Writes changes with their audit entries, all or none.
     *
     * @return false: a definition is not as expected, and nothing was written
     */
    boolean write(List<Change> changes, List<AuditEntry> audit) {
        boolean isWritten =
                store.definitions().change(changes, audit).toCompletableFuture().join();
        if (isWritten) {
            made.changed(changes.stream().map(this::written).toList());
            isBehind = true;
            activate();
        }
        return isWritten;
    }

    /**
     * Writes changes and the files that were applied. Many changes are written in steps, which stop if another instance
     * applies a file.
     *
     * @return false: a definition or the files are not as expected, and not all is written
     */
    boolean write(List<Change> changes, byte[] files) {
        List<Changed> written = new ArrayList<>();
        Optional<byte[]> expected = made.sealedFiles();
        int at = 0;
        do {
            List<Change> step = changes.subList(at, Math.min(changes.size(), at + STEP));
            Setting setting = new Setting(StoredDefinitions.FILES, expected, files);
            if (!store.definitions()
                    .change(step, List.of(), Optional.of(setting))
                    .toCompletableFuture()
                    .join()) {
                return false;
            }
            expected = Optional.of(files);
            step.forEach(change -> written.add(written(change)));
            at += STEP;
        } while (at < changes.size());
        made.changed(written);
        made.files(expected);
        isBehind = true;
        return true;
    }

    private Changed written(Change change) {
        String id = change.row()
                .map(DefinitionRow::id)
                .or(() -> made.kept(change.name()).map(StoredDefinition::id))
                .orElseThrow();
        return new Changed(change.row().map(DefinitionRow::name).orElse(change.name()), id, change.row());
    }
}
