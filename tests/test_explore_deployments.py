"""The exploration of deployments: small ones whole, and broken tables caught with the way there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from lifecycle.deployments import (
    CreateDeployment,
    DeploymentEngine,
    Fire,
    PauseDeployment,
    Settings,
    dump_deployment,
    load_deployment,
)

NINE = datetime(2026, 1, 1, 9, tzinfo=UTC)


class TestWhatItFound:
    """Faults that a walk led to."""

    def test_a_host_that_lags_does_not_pause_before_what_has_fired(self) -> None:
        """Its pause is stamped as late as the fire: else an occurrence would lie in the pause."""
        engine = DeploymentEngine()
        settings = Settings(
            name="digest",
            agent={"id": "agent_1", "version": 1},
            environment_id="env_1",
            initial_events=({"type": "user.message", "content": []},),
            schedule={"type": "cron", "expression": "0 * * * *", "timezone": "UTC"},
        )
        create = CreateDeployment(deployment_id="depl_1", settings=settings)
        made = engine.decide(None, create, now=NINE - timedelta(minutes=30))
        fire = Fire(deployment_id="depl_1", scheduled_at=NINE)
        fired = engine.decide(made.state, fire, now=NINE)
        pause = PauseDeployment(deployment_id="depl_1")
        assert fired.state is not None
        stored = load_deployment(dump_deployment(fired.state))
        (paused,) = engine.decide(stored, pause, now=NINE - timedelta(minutes=5)).entries

        assert paused.at == NINE
