package dev.rowmill.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.ResourceLockTarget;

/**
 * Marks a test class that runs beside other classes, such as those with a service inside. It shares
 * no server and no other state with them. Its methods, and those of other marked classes, run one
 * at a time.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock(value = "dev.rowmill.testing.BesideOthers", target = ResourceLockTarget.CHILDREN)
public @interface BesideOthers {}
