package io.engagementwebhooks.server;

import io.engagementwebhooks.webhook.ApiKey;
import java.util.function.Predicate;

/** Who may call an operation. */
public enum Access {
    SEND(ApiKey.Role::maySend, "send events"),
    READ(ApiKey.Role::mayRead, "read"),
    CHANGE(ApiKey.Role::mayChange, "change anything"),
    /** The operator only. */
    OPERATE(ApiKey.Role::mayOperate, "see other accounts"),
    /** Readers of an account and the operator. */
    READ_OR_OPERATE(role -> role.mayRead() || role.mayOperate(), "read"),
    /** Editors of an account and the operator. */
    CHANGE_OR_OPERATE(role -> role.mayChange() || role.mayOperate(), "make portal sessions");

    private final Predicate<ApiKey.Role> permission;
    private final String action;

    Access(Predicate<ApiKey.Role> permission, String action) {
        this.permission = permission;
        this.action = action;
    }

    public boolean allows(ApiKey.Role role) {
        return permission.test(role);
    }

    /** What it allows, after "may not". */
    String action() {
        return action;
    }
}
