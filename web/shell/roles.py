"""What the departments and offices are called."""

from domain.process.roles import Role
from web.shell.translations import N_, Words

ROLES = {
    Role.OWNER: N_("Owner"),
    Role.GIVER: N_("Who hands over"),
    Role.RECEIVER: N_("Who takes over"),
    Role.ASSIGNEE: N_("Who has the open point"),
    Role.POOL: N_("Pool"),
    Role.SALESPERSON: N_("Sales"),
    Role.CASE_HANDLER: N_("Case handling"),
    Role.ASSISTANT: N_("Assistance"),
    Role.DISPATCHER: N_("Dispatch"),
    Role.PROJECT_MANAGER: N_("Project management"),
    Role.TECHNICIAN: N_("Technicians"),
    Role.SERVICE: N_("Service"),
    Role.CONTROLLER: N_("Controlling"),
    Role.SENIOR_CONTROLLER: N_("Senior controlling"),
    Role.ADMIN: N_("Administration"),
}


def role_title(role: str, words: Words) -> str:
    """Return what a role is called; an unknown one is shown as it is."""
    return words(ROLES[Role(role)]) if role in set(Role) else role
