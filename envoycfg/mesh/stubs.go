package mesh

func (d *documents) envoyFilters() {}
func (d *documents) ingressNginx() {}
func (d *documents) traefik()      {}
func (d *documents) emissary()     {}
