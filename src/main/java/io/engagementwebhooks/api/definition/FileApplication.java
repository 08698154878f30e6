package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.config.AppliedFiles;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.FileTarget;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.read.FileDefinition;
import io.engagementwebhooks.config.schema.Fault;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore.Change;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.definition.ResourceName;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.webhook.ResourceKind;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the configuration file to the stored definitions: only differences are written. Definitions of the API are left
 * as they are; one with the name of a definition of the file is a fault of that one. Thread-safe.
 */
public final class FileApplication implements FileTarget {

    /** Why a webhook is paused that the file no longer has. */
    public static final String REMOVED = "removed from the file";

    private static final Logger LOG = LoggerFactory.getLogger(FileApplication.class);

    /** Another instance that changes definitions at the same time is a reason for another attempt. */
    private static final int MOST_ATTEMPTS = 100;

    private static final Comparator<Change> IN_ORDER =
            Comparator.comparing(Change::name, StoredDefinitions.ORDER_OF_NAMES);

    private final DefinitionChanges changes;
    private final StoredDefinitions made;
    private final Store store;
    private final StateChange states;
    private final Vault vault;
    private final String instance;
    private final Clock clock;
    private volatile Set<ResourceName> clashes = Set.of();

    /** Changes the run-time state of a webhook. */
    public interface StateChange {
        CompletionStage<?> change(WebhookId webhook, WebhookState.State state, String reason);
    }

    /** @param instance the name of this instance and its file, which a restart does not change */
    public FileApplication(
            DefinitionChanges changes, Store store, StateChange states, Vault vault, String instance, Clock clock) {
        this.changes = changes;
        this.made = changes.made();
        this.store = store;
        this.states = states;
        this.vault = vault;
        this.instance = instance;
        this.clock = clock;
    }

    @Override
    public AppliedFiles files() {
        return made.files();
    }

    @Override
    public boolean isRepaired() {
        return clashes.stream().anyMatch(name -> !isOfApi(name));
    }

    private boolean isOfApi(ResourceName name) {
        return made.kept(name).filter(kept -> kept.managedBy() == ManagedBy.API).isPresent();
    }

    @Override
    public List<Fault> apply(ConfigParser.Good file, String fingerprint, boolean isForced) {
        return changes.exclusively(() -> {
            for (int i = 0; i < MOST_ATTEMPTS; i++) {
                if (isForced || made.files().mustApply(instance, fingerprint)) {
                    Difference difference = new Difference(file);
                    if (difference.write(fingerprint)) {
                        changes.activate();
                        return difference.faults;
                    }
                } else if (write(List.of(), made.files().seen(instance, fingerprint))) {
                    clashes = Set.of();
                    changes.activate();
                    return List.of();
                }
                changes.read();
            }
            throw new IllegalStateException("other instances keep changing the configuration");
        });
    }

    private boolean write(List<Change> all, AppliedFiles files) {
        return all.isEmpty() && files.equals(made.files()) || changes.write(all, vault.seal(files.toBytes()));
    }

    /** The difference between a file and the stored definitions. Single use. */
    private final class Difference {

        private final List<FileDefinition> definitions;
        private final Map<String, List<String>> accounts = new LinkedHashMap<>();
        private final List<Fault> faults = new ArrayList<>();
        private final List<Change> changed = new ArrayList<>();
        private final Map<String, StoredDefinition> removed = made.ofFile();
        private final Set<String> defined = new HashSet<>();
        private final Set<ResourceName> refused = new HashSet<>();

        Difference(ConfigParser.Good file) {
            file.config()
                    .accounts()
                    .forEach((id, account) -> accounts.put(
                            id,
                            account.signingKeys().stream().map(SigningKey::id).toList()));
            definitions = file.definitions().stream().filter(this::mayApply).toList();
            Map<ResourceName, String> ids = newIds(file.formerNames());
            definitions.forEach(each -> compare(each, ids));
            changed.sort(IN_ORDER);
            removed.values().stream()
                    .map(kept -> Change.remove(kept.name(), kept.version()))
                    .sorted(IN_ORDER.reversed())
                    .forEach(changed::add);
        }

        private boolean mayApply(FileDefinition definition) {
            ResourceName name = DefinitionSealing.name(definition);
            if (!isOfApi(name)) {
                return true;
            }
            refused.add(name);
            faults.add(new Fault(
                    0,
                    definition.toString(),
                    "has the name of a definition of the API, which stays in effect",
                    "rename one of them, or delete that of the API"));
            return false;
        }

        /** Ids of definitions that are not stored. Former names move to new ones. */
        private Map<ResourceName, String> newIds(List<FileDefinition.FormerName> formerNames) {
            List<ResourceName> missing = definitions.stream()
                    .map(DefinitionSealing::name)
                    .filter(name -> made.kept(name).isEmpty())
                    .toList();
            if (missing.isEmpty()) {
                return Map.of();
            }
            Map<ResourceName, ResourceName> former = new HashMap<>();
            formerNames.forEach(
                    each -> former.put(webhook(each.account(), each.name()), webhook(each.account(), each.was())));
            Map<ResourceName, String> ids = store.identities()
                    .assign(missing, former)
                    .toCompletableFuture()
                    .join();
            formerNames.forEach(this::warnWithoutEffect);
            return ids;
        }

        private ResourceName webhook(String account, String name) {
            return new ResourceName(account, ResourceKind.WEBHOOK.text(), name);
        }

        private void warnWithoutEffect(FileDefinition.FormerName former) {
            Optional<WebhookId> other = store.identities().webhook(former.account(), former.was());
            if (other.isPresent()) {
                LOG.warn(
                        "config.was-without-effect account={} webhook=\"{}\" was=\"{}\": {} keeps that name, since '{}' has an id"
                                + " already or the API has made '{}'; remove 'was'",
                        former.account(),
                        former.name(),
                        former.was(),
                        other.get().id(),
                        former.name(),
                        former.was());
            }
        }

        private void compare(FileDefinition definition, Map<ResourceName, String> ids) {
            ResourceName name = DefinitionSealing.name(definition);
            String id = made.kept(name).map(StoredDefinition::id).orElseGet(() -> ids.get(name));
            StoredDefinition before = removed.remove(id);
            byte[] kept = DefinitionSealing.kept(definition);
            String version = made.sealing().version(kept);
            defined.add(id);
            if (before == null) {
                changed.add(Change.create(made.sealing().sealed(id, definition, version, kept, clock.instant())));
            } else if (!version.equals(before.version())) {
                DefinitionRow row = made.sealing().sealed(id, definition, version, kept, clock.instant());
                changed.add(Change.update(name, before.version(), row));
            }
        }

        boolean write(String fingerprint) {
            release();
            if (!FileApplication.this.write(
                    changed, made.files().applied(instance, fingerprint, accounts, clock.instant()))) {
                return false;
            }
            definitions.forEach(each ->
                    made.kept(DefinitionSealing.name(each)).orElseThrow().parsed(each.resource()));
            removed.values().stream()
                    .filter(StoredDefinition::isWebhook)
                    .map(kept -> new WebhookId(
                            kept.name().account(), kept.id(), kept.name().name()))
                    .filter(webhook -> store.outcomes()
                            .webhookState(webhook)
                            .filter(state -> state.state() != WebhookState.State.ACTIVE)
                            .isEmpty())
                    .forEach(webhook -> set(webhook, WebhookState.State.PAUSED, REMOVED));
            clashes = refused;
            return true;
        }

        /** Releases webhooks that are in the file again; first: if the process ends in between, it is done again. */
        private void release() {
            if (!changed.isEmpty()) {
                store.outcomes().webhookStates().stream()
                        .filter(state -> REMOVED.equals(state.reason())
                                && defined.contains(state.webhook().id()))
                        .forEach(state -> set(state.webhook(), WebhookState.State.ACTIVE, null));
            }
        }

        private void set(WebhookId webhook, WebhookState.State state, String reason) {
            states.change(webhook, state, reason).toCompletableFuture().join();
        }
    }
}
