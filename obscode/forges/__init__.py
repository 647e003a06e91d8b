"""Comments on pull requests of GitHub, Gitea and Forgejo, and on merge requests of GitLab."""
